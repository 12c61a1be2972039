import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { firstLine } from '../startup-error.ts'
import { ADD_CHECKPOINT } from './protocol.ts'
import type { Witness } from './witness.ts'

const BODY_LIMIT_BYTES = 64 * 1024
const REQUEST_TIMEOUT_MS = 10_000
const TEXT = 'text/plain; charset=utf-8'

type Reply = { readonly status: number; readonly body: string; readonly type?: string; readonly headers?: Readonly<Record<string, string>> }

/** The witness over HTTP: POST /add-checkpoint and GET /<SHA-256 of the origin, hex>/checkpoint. */
export function createWitnessServer(witness: Pick<Witness, 'addCheckpoint' | 'findCheckpoint'>, alarm: (line: string) => void): Server {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS / 2 }, (request, response) => {
    reply(witness, request)
      .catch((error: unknown): Reply => {
        alarm(`a request failed: ${firstLine(error)}`)
        return { status: 500, body: 'the witness cannot answer\n' }
      })
      .then((answer) => send(response, answer))
      .catch(() => response.destroy())
  })
  server.maxConnections = 100
  return server
}

async function reply(witness: Pick<Witness, 'addCheckpoint' | 'findCheckpoint'>, request: IncomingMessage): Promise<Reply> {
  const path = request.url ?? '/'
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? []
  if (hash !== undefined) {
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, body: 'use GET\n', headers: { Allow: 'GET, HEAD' } }
    const note = await witness.findCheckpoint(hash)
    return note === null ? { status: 404, body: 'no checkpoint was cosigned\n' } : { status: 200, body: note }
  }
  if (path !== ADD_CHECKPOINT) return { status: 404, body: 'there is nothing here\n' }
  if (request.method !== 'POST') return { status: 405, body: 'use POST\n', headers: { Allow: 'POST' } }
  const body = await readBody(request)
  if (body === 'too large') return { status: 413, body: `at most ${BODY_LIMIT_BYTES} bytes\n`, headers: { Connection: 'close' } }
  if (body === 'no text') return { status: 400, body: 'the body is not UTF-8\n' }
  return witness.addCheckpoint(body.text)
}

async function readBody(request: IncomingMessage): Promise<{ text: string } | 'too large' | 'no text'> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > BODY_LIMIT_BYTES) return 'too large'
    chunks.push(chunk)
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks)) }
  } catch {
    return 'no text'
  }
}

function send(response: ServerResponse, { status, body, type = TEXT, headers }: Reply): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(body)
}
