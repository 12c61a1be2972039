import { readFileSync } from 'node:fs'
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { newId } from '../modules/kernel/ids.ts'
import { loggedPath } from './calendar-links.ts'
import { createAddressReader } from './client-address.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import { securityHeaders } from './security-headers.ts'

export const BODY_LIMIT_BYTES = 1_000_000
const REQUEST_TIMEOUT_MS = 30_000
/** Longer than any proxy keeps an idle connection, so that none sends a request into one that is just being closed. */
const KEEP_ALIVE_MS = 75_000
/** Longer than any answer takes and any idle connection is kept: one on which nothing moves for so long belongs to somebody who does not read. */
const IDLE_SOCKET_MS = 90_000

/** One request on its way: what every route gets. */
export type Exchange = {
  readonly request: IncomingMessage
  readonly url: URL
  readonly requestId: string
  /** The browser's address, as far as the configured proxies are believed. */
  readonly address: string
}

export type Answer = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: string | Uint8Array
  /** Instead of a body, for what is too large to hold. */
  readonly stream?: Readable
  /** The stream goes on until either side ends it. */
  readonly isLive?: boolean
}
export type Route = (exchange: Exchange) => Promise<Answer> | Answer

/** Answers of HTTP itself, as GraphQL clients read them. */
export function problem(status: number, code: string, message: string, headers: Record<string, string> = {}, requestId?: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify({ errors: [{ message, extensions: { code, requestId } }] }),
  }
}

/** The server around one route function: request ids, headers, time limits, TLS 1.3, errors that say nothing. */
export function createHttpServer(
  config: Config,
  log: Log,
  route: Route,
  timeoutMs: number = REQUEST_TIMEOUT_MS,
  isDraining: () => boolean = () => false,
): Server {
  const base = securityHeaders(config.isSecureOrigin)
  const addressOf = createAddressReader(config.trustProxy)
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    const requestId = newId()
    const started = performance.now()
    const url = URL.parse(request.url ?? '/', 'http://chiron') ?? new URL('http://chiron/')
    const exchange = { request, url, requestId, address: addressOf(request.socket.remoteAddress ?? '', String(request.headers['x-forwarded-for'] ?? '')) }
    void withTimeout(
      requestId,
      timeoutMs,
      Promise.try(() => route(exchange)),
    )
      .catch((error: unknown) => {
        log.error({ requestId, err: error }, 'request failed')
        return problem(500, 'INTERNAL', `Something went wrong on our side. Tell support the request ${requestId}.`, {}, requestId)
      })
      .then(async (answer) => {
        const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
        response.writeHead(answer.status, {
          ...base,
          'X-Request-Id': requestId,
          ...(answer.stream ? {} : { 'Content-Length': body?.length ?? 0 }),
          ...answer.headers,
          // Whoever holds this connection open takes its next request to another process.
          ...(isDraining() ? { Connection: 'close' } : {}),
        })
        if (answer.stream) await send(answer.stream, response, answer.isLive === true)
        else response.end(request.method === 'HEAD' ? undefined : body)
        log.info(
          { requestId, method: request.method, path: loggedPath(url.pathname), status: answer.status, ms: Math.round(performance.now() - started) },
          'request',
        )
      })
      // An answer that cannot be written must not end the process.
      .catch((error: unknown) => {
        log.error({ requestId, err: error }, 'an answer could not be sent')
        response.destroy()
      })
  }
  // Node looks connections through every 30 s by itself, so that slow ones would last three times as long as they may.
  const options = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: 10_000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 2_000,
  }
  const server = config.tls
    ? createTlsServer({ ...options, cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile), minVersion: 'TLSv1.3' }, handler)
    : createPlainServer(options, handler)
  return server.setTimeout(IDLE_SOCKET_MS)
}

/** Ends the stream in any case: a response that is closed before it begins leaves it open otherwise. */
async function send(stream: Readable, response: ServerResponse, isLive: boolean): Promise<void> {
  try {
    await pipeline(stream, response)
  } catch (error) {
    if (!isLive) throw error
    ignoreFarewell(error)
  } finally {
    stream.destroy()
  }
}

const FAREWELLS = new Set<unknown>(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ECONNRESET', 'EPIPE'])

// A reader who goes away is how most streams end, and some before they have begun.
function ignoreFarewell(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && FAREWELLS.has(error.code))) throw error
}

async function withTimeout(requestId: string, timeoutMs: number, work: Promise<Answer>): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const timer = setTimeout(
    () => resolve(problem(503, 'TIMEOUT', 'The request took too long. Repeat it with the same Idempotency-Key.', { 'Retry-After': '5' }, requestId)),
    timeoutMs,
  )
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** The body up to the limit; null when it is larger, after which the connection closes. */
export function readBody(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) return Promise.resolve(null)
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array<ArrayBuffer> | null>()
  const chunks: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer): void => {
    size += chunk.length
    if (size <= BODY_LIMIT_BYTES) chunks.push(chunk)
    else stop(null)
  }
  const finish = (): void => stop(new Uint8Array(Buffer.concat(chunks)))
  const stop = (body: Uint8Array<ArrayBuffer> | null): void => {
    request.off('data', take)
    request.off('end', finish)
    resolve(body)
  }
  request
    .on('data', take)
    .once('end', finish)
    .once('error', reject)
    .once('close', () => reject(new Error('the request ended before its body')))
  return promise
}
