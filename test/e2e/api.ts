import { readFileSync } from 'node:fs'
import type { APIRequestContext } from '@playwright/test'
import { PASSWORD } from './accounts.ts'

const manifest = JSON.parse(readFileSync(new URL('../../web/gql/persisted-documents.json', import.meta.url), 'utf8')) as Record<string, string>
const hashes = new Map(Object.entries(manifest).map(([hash, text]) => [/\b(?:query|mutation|subscription) (\w+)/.exec(text)?.[1] ?? '', hash]))

/** The web client's own documents, sent without a browser: to arrange what a test is not about. */
export class Api {
  readonly #request: APIRequestContext
  readonly #origin: string
  readonly #token: string

  private constructor(request: APIRequestContext, origin: string, token: string) {
    this.#request = request
    this.#origin = origin
    this.#token = token
  }

  /** Signs in; the cookie stays with the request's browser. */
  static async signIn(request: APIRequestContext, origin: string, email: string): Promise<Api> {
    const { signIn } = await send(request, origin, 'SignIn', { input: { email, password: PASSWORD } }, {})
    if (signIn.__typename !== 'Session') throw new Error(`no session for ${email}: ${JSON.stringify(signIn)}`)
    return new Api(request, origin, signIn.accessToken)
  }

  /** The data of one of the client's documents, by its operation name. Throws on any error. */
  call(operation: string, variables: object = {}): Promise<any> {
    return send(this.#request, this.#origin, operation, variables, { authorization: `Bearer ${this.#token}`, 'idempotency-key': crypto.randomUUID() })
  }
}

async function send(request: APIRequestContext, origin: string, operation: string, variables: object, headers: Record<string, string>): Promise<any> {
  const sha256Hash = hashOf(operation)
  const response = await request.post(`${origin}/graphql`, {
    headers: { 'x-graphql-yoga-csrf': '1', ...headers },
    data: { variables, extensions: { persistedQuery: { version: 1, sha256Hash } } },
  })
  const body = (await response.json()) as { data?: any; errors?: unknown }
  if (body.errors || !body.data) throw new Error(`${operation}: ${response.status()} ${JSON.stringify(body.errors)}`)
  return body.data
}

/** The hash by which the build's manifest knows an operation. */
export function hashOf(operation: string): string {
  const hash = hashes.get(operation)
  if (hash === undefined) throw new Error(`the web client has no document ${operation}`)
  return hash
}
