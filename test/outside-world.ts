import { mkdtemp } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { type Verifier, verifierOf } from '../modules/kernel/signed-note.ts'
import { Witness } from '../server/witness/witness.ts'
import { WitnessFolder } from '../server/witness/witness-folder.ts'
import { createWitnessServer } from '../server/witness/witness-server.ts'
import { listenOnFreePort } from './ports.ts'

export type ReceivedMail = { from: string; to: string[]; source: string }

/** Third parties on loopback: witnesses, web servers and mail servers that are as real as they need to be. Closes them all. */
export class OutsideWorld implements AsyncDisposable {
  readonly #closing: (() => Promise<unknown>)[] = []

  /** Serves on a free port and answers the address. */
  async serve(server: Server): Promise<string> {
    const port = await listenOnFreePort(server, 0)
    this.#closing.push(() => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    })
    return `http://127.0.0.1:${port}`
  }

  /** A witness of these logs, whose memory is a new folder in `parent`. */
  async startWitness(logs: readonly Verifier[], parent: string, name: string): Promise<{ url: string; verifier: Verifier }> {
    const folder = await WitnessFolder.open(await mkdtemp(join(parent, 'witness-')), name)
    this.#closing.push(async () => folder[Symbol.asyncDispose]())
    const url = await this.serve(createWitnessServer(new Witness({ folder, logs, alarm: () => {} }), () => {}))
    return { url, verifier: verifierOf(folder.signer, 4) }
  }

  /** A mail server without TLS that keeps what it receives. */
  async startMailServer(options: SMTPServerOptions = {}): Promise<{ port: number; mails: ReceivedMail[] }> {
    const mails: ReceivedMail[] = []
    const onData: SMTPServerOptions['onData'] = (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString('utf8') })
        done()
      })
    }
    const server = new SMTPServer({ disabledCommands: ['STARTTLS'], authOptional: true, onData, ...options })
    // A client that breaks off is what some tests are about.
    server.on('error', () => {})
    const port = await listenOnFreePort(server.server, 0)
    this.#closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())))
    return { port, mails }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) await close()
  }
}

/** The decoded body of the part of a mail whose headers contain `header`. */
export function mailPart(source: string, header: string): string {
  const boundary = /boundary="([^"]+)"/.exec(source)?.[1] ?? ''
  const found = source.split(`--${boundary}`).find((text) => text.includes(header)) ?? ''
  const split = found.indexOf('\r\n\r\n')
  const [headers, body] = [found.slice(0, split), found.slice(split + 4)]
  if (/Transfer-Encoding: base64/i.test(headers)) return Buffer.from(body, 'base64').toString('utf8')
  if (!/quoted-printable/i.test(headers)) return body.replaceAll('\r\n', '\n')
  const bytes = body.replaceAll('=\r\n', '').replaceAll(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}
