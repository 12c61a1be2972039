import type { Server } from 'node:http'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { testConfig } from '../test/harness.ts'
import { listenOnFreePort } from '../test/ports.ts'
import { createHttpServer, type Route } from './http.ts'

const NOWHERE = { appUrl: '', adminUrl: '', auditorUrl: '', sequencerUrl: '' }
let server: Server

async function serve(route: Route): Promise<string> {
  server = createHttpServer(testConfig(NOWHERE), pino({ level: 'silent' }), route, 100)
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
})
