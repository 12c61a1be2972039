import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export type Response = { readonly status: number; readonly body: Buffer }

const SEPARATOR = '\r\n\r\n'

/**
 * One kept connection to a server of ours, with one request at a time. Half the processor time of Node's own client, which would come out of what is
 * measured: they share the machine. Understands what servers here answer: a length, or chunks.
 */
export class HttpConnection {
  readonly #socket: Socket
  readonly #host: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: PromiseWithResolvers<Response> | null = null

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('close', () => this.#waiting?.reject(new Error(`${host} closed the connection`)))
    socket.on('error', (error) => this.#waiting?.reject(error))
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port, host } = new URL(url)
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    return new HttpConnection(socket, host)
  }

  send(path: string, headers: Readonly<Record<string, string>>, body: string): Promise<Response> {
    this.#waiting = Promise.withResolvers<Response>()
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\naccept: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
    this.#socket.write(`${head}${lines.join('')}\r\n${body}`)
    return this.#waiting.promise
  }

  close(): void {
    this.#waiting = null
    this.#socket.destroy()
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const response = readResponse(this.#received)
    if (!response) return
    const waiting = this.#waiting
    this.#waiting = null
    this.#received = Buffer.alloc(0)
    waiting?.resolve(response)
  }
}

/** The response, or null while a part of it is missing. */
function readResponse(received: Buffer): Response | null {
  const end = received.indexOf(SEPARATOR)
  if (end < 0) return null
  const head = received.toString('latin1', 0, end).toLowerCase()
  const status = Number(head.slice(9, 12))
  const rest = received.subarray(end + SEPARATOR.length)
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
  if (length !== undefined) return rest.length < Number(length) ? null : { status, body: rest }
  if (!head.includes('transfer-encoding: chunked')) throw new Error(`an answer without a length: ${head}`)
  const body = readChunks(rest)
  return body && { status, body }
}

function readChunks(rest: Buffer): Buffer | null {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(rest.toString('latin1', at, line), 16)
    const next = line + 2 + size + 2
    if (rest.length < next) return null
    if (size === 0) return Buffer.concat(parts)
    parts.push(rest.subarray(line + 2, line + 2 + size))
    at = next
  }
}
