import { createServer, type Server } from 'node:net'

/** Listens on 127.0.0.1 and answers the port; 0 asks for any free one. */
export async function listenOnFreePort(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** A port that was free a moment ago. */
export async function takePort(): Promise<number> {
  const server = createServer()
  const port = await listenOnFreePort(server, 0)
  await new Promise((resolve) => server.close(resolve))
  return port
}
