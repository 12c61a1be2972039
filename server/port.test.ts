import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { listenOnFreePort, takePort } from '../test/ports.ts'
import { assertPortIsFree } from './port.ts'
import { StartupError } from './startup-error.ts'

describe('assertPortIsFree', () => {
  it('passes for a free port, which stays free, and for any free one', async () => {
    const port = await takePort()
    await assertPortIsFree('127.0.0.1', port)
    await assertPortIsFree('127.0.0.1', port)
    await assertPortIsFree('127.0.0.1', 0)
  })

  it('gives a port that is about to be free a second try', async () => {
    const ending = createServer()
    const { promise: listening, resolve } = Promise.withResolvers<void>()
    ending.listen({ host: '127.0.0.1', port: 0 }, resolve)
    await listening
    const address = ending.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const attempt = assertPortIsFree('127.0.0.1', port)
    setTimeout(() => ending.close(), 100)
    await expect(attempt).resolves.toBeUndefined()
  })

  it('names a taken port and another one to try', async () => {
    const squatter = createServer()
    const port = await listenOnFreePort(squatter, 0)
    try {
      const attempt = assertPortIsFree('127.0.0.1', port)
      await expect(attempt).rejects.toThrow(StartupError)
      await expect(attempt).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is taken: stop the program that uses it, or choose another, as in PORT=${port + 1} npm start`,
      )
    } finally {
      await new Promise((resolve) => squatter.close(resolve))
    }
  })

  // 192.0.2.1 is reserved for documentation (RFC 5737), `.invalid` for names that do not exist (RFC 2606).
  it.each(['192.0.2.1', 'no-such-host.invalid'])('refuses %s, which is not this machine', async (host) => {
    await expect(assertPortIsFree(host, 4000)).rejects.toThrow(`${host} is not an address of this machine: correct HOST.`)
  })
})
