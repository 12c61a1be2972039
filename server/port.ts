import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, StartupError } from './startup-error.ts'

/** A server that is just ending frees its port within this time. */
const PATIENCE_MS = 1_500

/**
 * Throws StartupError when the server could not listen there. A port that is taken gets a second try, because a restart
 * begins while the old server is still draining. Port 0 means any free one and always passes.
 */
export async function assertPortIsFree(host: string, port: number): Promise<void> {
  try {
    await tryPort(host, port)
  } catch (error) {
    if (errorCode(error) !== 'EADDRINUSE') throw portError(error, host, port)
    await sleep(PATIENCE_MS)
    await tryPort(host, port).catch((second: unknown) => Promise.reject(portError(second, host, port)))
  }
}

async function tryPort(host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const server = createServer()
  server.once('error', reject)
  server.listen({ host, port }, () => server.close(() => resolve()))
  await promise
}

/** What a failed attempt to listen means, as a StartupError where somebody can do something about it; `names` are the variables that chose the place. */
export function portError(error: unknown, host: string, port: number, names = { port: 'PORT', host: 'HOST' }): Error {
  const code = errorCode(error)
  if (code === 'EADDRINUSE')
    return new StartupError(`Port ${port} on ${host} is taken: stop the program that uses it, or choose another, as in ${names.port}=${port + 1} npm start`, {
      cause: error,
    })
  if (code === 'EACCES')
    return new StartupError(`This user may not listen on port ${port}: choose one above 1023, as in ${names.port}=4000 npm start`, { cause: error })
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new StartupError(`${host} is not an address of this machine: correct ${names.host}.`, { cause: error })
  return error instanceof Error ? error : new Error(String(error))
}
