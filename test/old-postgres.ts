import { createServer, type Socket } from 'node:net'

/** Speaks just enough of PostgreSQL's protocol to say that it is version 15. Source: PostgreSQL 18 documentation, chapter 54. */
export async function startOldPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    let isStarted = false
    socket.on('data', (data) => {
      if (!isStarted) socket.write(Buffer.concat([message('R', int32(0)), message('S', Buffer.from('server_version\x0015.18\0')), ready]))
      else if (data[0] === 'Q'.charCodeAt(0)) socket.write(Buffer.concat([rowDescription, dataRow('150018'), message('C', Buffer.from('SHOW\0')), ready]))
      isStarted = true
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const stop = async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { url: `postgresql://admin:secret@127.0.0.1:${address.port}/chiron`, stop }
}

const int16 = (value: number) => Buffer.from([value >> 8, value & 255])
const int32 = (value: number) => Buffer.concat([int16(value >> 16), int16(value & 65_535)])
const message = (type: string, body: Buffer) => Buffer.concat([Buffer.from(type), int32(body.length + 4), body])
const ready = message('Z', Buffer.from('I'))
const TEXT_OID = 25
const rowDescription = message(
  'T',
  Buffer.concat([int16(1), Buffer.from('server_version_num\0'), int32(0), int16(0), int32(TEXT_OID), int16(-1 & 65_535), int32(-1), int16(0)]),
)
const dataRow = (value: string) => message('D', Buffer.concat([int16(1), int32(value.length), Buffer.from(value)]))
