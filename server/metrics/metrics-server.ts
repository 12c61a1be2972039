import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createPlainServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Config } from '../config.ts'
import type { MetricsConfig } from '../config-metrics.ts'
import type { Log } from '../log.ts'
import { portError } from '../port.ts'
import type { Metrics } from './metrics.ts'
import type { Readings } from './readings.ts'

const OPTIONS = { requestTimeout: 10_000, headersTimeout: 5_000, keepAliveTimeout: 65_000, maxHeaderSize: 8_192 }

/** Serves the figures on a listener of their own, so that no proxy in front of the application can publish them by mistake. */
export class MetricsServer implements AsyncDisposable {
  readonly #server: Server
  readonly #config: MetricsConfig
  readonly #isTls: boolean

  constructor(config: MetricsConfig, tls: Config['tls'], ports: { metrics: Metrics; readings: Readings; log: Log }) {
    this.#config = config
    this.#isTls = tls !== null && config.isTls
    const handler = (request: IncomingMessage, response: ServerResponse) => void answer(config, ports, request, response)
    this.#server =
      tls !== null && config.isTls
        ? createTlsServer({ ...OPTIONS, cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile), minVersion: 'TLSv1.3' }, handler)
        : createPlainServer(OPTIONS, handler)
  }

  /** Throws StartupError when it cannot listen there. */
  async listen(): Promise<string> {
    const { host, port } = this.#config
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#server.once('error', (error) => reject(portError(error, host, port, { port: 'METRICS_PORT', host: 'METRICS_HOST' })))
    this.#server.listen({ port, host }, resolve)
    await promise
    const address = this.#server.address()
    const actual = typeof address === 'object' && address !== null ? address.port : port
    return `${this.#isTls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${actual}/metrics`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }
}

type Ports = { readonly metrics: Metrics; readonly readings: Readings; readonly log: Log }

async function answer(config: MetricsConfig, { metrics, readings, log }: Ports, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, body: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  try {
    if (request.url?.split('?')[0] !== '/metrics') return say(404, 'not found')
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'use GET', { Allow: 'GET, HEAD' })
    if (!isKnown(config.token, request.headers.authorization)) return say(401, 'a bearer token is needed', { 'WWW-Authenticate': 'Bearer' })
    await readings.refresh()
    say(200, await metrics.expose(), { 'Content-Type': metrics.registry.contentType })
  } catch (error) {
    log.error({ err: error }, 'the metrics could not be told')
    say(500, 'failed')
  }
}

// Hashes have one length, so that neither it nor the first different character shows in the time.
function isKnown(token: string | null, authorization: string | undefined): boolean {
  if (token === null) return true
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(`Bearer ${token}`), digest(authorization ?? ''))
}
