import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { TEST_PASSWORD } from '../../harness.ts'
import { NODE_FLAGS } from '../../node-flags.ts'
import { hashOf, SIGN_IN_DOCUMENT } from '../cost-documents.ts'
import type { BenchDatabase } from './bench-database.ts'
import type { Dialect, Request } from './dialects.ts'

/** `no-…`: Chiron without that guard, which the product itself cannot be. */
export const CONTENDERS = ['limit', 'postgraphile', 'chiron', 'no-audit', 'no-rls', 'no-rbac'] as const
export type ContenderName = (typeof CONTENDERS)[number]

type Recipe = {
  readonly dialect: Dialect
  readonly program: string
  readonly url: (database: BenchDatabase) => string
  /** Modules that take something out of the product as it is loaded. */
  readonly loaders?: readonly string[]
}
const chiron = { dialect: 'chiron', program: './chiron-server.ts', url: (database: BenchDatabase) => database.appUrl } as const
const RECIPES: Readonly<Record<ContenderName, Recipe>> = {
  limit: { dialect: 'limit', program: './limit-server.ts', url: (database) => database.urlAs('chiron_bench') },
  postgraphile: { dialect: 'postgraphile', program: './postgraphile-server.mjs', url: (database) => database.urlAs('chiron_bench') },
  chiron,
  'no-audit': { ...chiron, url: (database) => database.urlAs('chiron_bench_silent'), loaders: ['../without-audit.ts'] },
  'no-rls': { ...chiron, url: (database) => database.urlAs('chiron_bench_open'), loaders: ['./without-rls.ts'] },
  'no-rbac': { ...chiron, loaders: ['./without-rbac.ts'] },
}

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const startedSchema = z.object({ url: z.string() })
const statementsSchema = z.object({ statements: z.array(z.string()) })
const signedInSchema = z.object({ data: z.object({ signIn: z.object({ accessToken: z.string() }) }) })

/** A server that is measured, as a process of its own. */
export class Contender implements AsyncDisposable {
  readonly name: ContenderName
  readonly url: string
  token = ''
  readonly #child: ChildProcess
  readonly #email: string

  private constructor(name: ContenderName, child: ChildProcess, url: string, email: string) {
    this.name = name
    this.#child = child
    this.url = url
    this.#email = email
  }

  get dialect(): Dialect {
    return RECIPES[this.name].dialect
  }

  static async start(name: ContenderName, database: BenchDatabase): Promise<Contender> {
    const { program, url, loaders = [] } = RECIPES[name]
    const { PATH, HOME, TMPDIR } = process.env
    const env = {
      PATH,
      HOME,
      TMPDIR,
      NODE_ENV: 'production',
      GRAPHILE_ENV: 'production',
      CHIRON_BENCH: '1',
      DATABASE_URL: url(database),
      DATABASE_AUDITOR_URL: database.auditorUrl,
    }
    const imports = loaders.map((file) => `--import=${new URL(file, import.meta.url).href}`)
    // Each as it is started in production.
    const flags = RECIPES[name].dialect === RECIPES.chiron.dialect ? NODE_FLAGS : []
    const child = spawn(process.execPath, [...flags, ...imports, pathOf(program)], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const [started]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    const parsed = startedSchema.safeParse(started)
    if (!parsed.success) throw new Error(`${name} did not start`)
    return new Contender(name, child, parsed.data.url, database.world.email)
  }

  /** A token lasts minutes, a measurement longer: called before each operation. */
  async signIn(): Promise<void> {
    if (this.dialect !== 'chiron') return
    const body = JSON.stringify({
      variables: { email: this.#email, password: TEST_PASSWORD },
      extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(SIGN_IN_DOCUMENT) } },
    })
    this.token = signedInSchema.parse(await this.ask({ path: '/graphql', headers: {}, body })).data.signIn.accessToken
  }

  /** One answer, for comparisons. */
  async ask({ path, headers, body }: Request): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body })
    const text = await response.text()
    if (response.status !== 200 || text.includes('"errors"')) throw new Error(`${this.name} answered ${response.status}: ${text.slice(0, 2_000)}`)
    return JSON.parse(text)
  }

  /** Texts of the statements that Chiron has sent since this was last asked; the first time asked, it begins to collect them. */
  async statements(): Promise<readonly string[]> {
    const answered = once(this.#child, 'message')
    this.#child.send('statements')
    const [message]: unknown[] = await answered
    return statementsSchema.parse(message).statements
  }

  /** Nanoseconds of processor time of all its threads so far. */
  cpu(): number {
    const folder = `/proc/${this.#child.pid}/task`
    return readdirSync(folder).reduce((sum, thread) => sum + Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]), 0)
  }

  /** Resident memory in MB. */
  rss(): number {
    const pages = Number(readFileSync(`/proc/${this.#child.pid}/statm`, 'utf8').split(' ')[1])
    return (pages * 4_096) / 1e6
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
