import type { Server } from 'node:http'
import { Readable } from 'node:stream'
import { type Logger, pino } from 'pino'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { testConfig } from '../test/harness.ts'
import { listenOnFreePort } from '../test/ports.ts'
import { createHttpServer, type Route } from './http.ts'

const NOWHERE = { appUrl: '', adminUrl: '', auditorUrl: '', sequencerUrl: '' }
let server: Server

async function serve(route: Route, log: Logger = pino({ level: 'silent' })): Promise<string> {
  server = createHttpServer(testConfig(NOWHERE), log, route, 100)
  return `http://127.0.0.1:${await listenOnFreePort(server, 0)}`
}

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('a request', () => {
  it('that takes too long is answered 503, and may be repeated', async () => {
    const url = await serve(() => new Promise(() => {}))
    const response = await fetch(url)
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('5')
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'TIMEOUT' } }] })
  })

  it('whose route breaks is answered 500 with its id and nothing of the reason', async () => {
    const url = await serve(() => {
      throw new Error('the secret reason')
    })
    const response = await fetch(url)
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).toContain(response.headers.get('x-request-id'))
    expect(text).not.toContain('secret')
  })

  it('for a live stream whose reader is gone before it begins ends the stream, and is no failure', async () => {
    const lines: string[] = []
    const stream = Readable.from(['one'])
    const gone = Promise.withResolvers<void>()
    const url = await serve(
      async () => {
        await gone.promise
        return { status: 200, headers: {}, stream, isLive: true }
      },
      pino({ level: 'info' }, { write: (line) => void lines.push(line) }),
    )
    server.once('connection', (socket) => socket.once('close', gone.resolve))
    await expect(fetch(url, { signal: AbortSignal.timeout(20) })).rejects.toThrow()
    await vi.waitFor(() => expect(lines.join('')).toContain('"msg":"request"'))
    expect(lines.join('')).not.toContain('could not be sent')
    expect(stream.destroyed).toBe(true)
  })
})
