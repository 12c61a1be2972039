import { resolve } from 'node:path'
import { NoteError, parseVerifierKey } from '../modules/kernel/signed-note.ts'
import { StartupError } from './startup-error.ts'

/** Where a witness is and its verifier key as text: settings travel to the sequencer's process as JSON. */
export type WitnessAddress = Readonly<{ url: string; key: string }>

/** How mail leaves. `security`: TLS from the first byte, STARTTLS demanded, STARTTLS where it is offered, or none (this machine only). */
export type SmtpServer = Readonly<{
  host: string
  port: number
  security: 'tls' | 'starttls' | 'opportunistic' | 'none'
  login: Readonly<{ user: string; password: string }> | null
}>

const MAIL_LANGUAGES = ['es-MX', 'en'] as const
export type MailLanguage = (typeof MAIL_LANGUAGES)[number]

export type AnchorMail = Readonly<{ to: readonly string[]; from: string; language: MailLanguage; server: SmtpServer }>

/** Where the anchor file is: CHIRON_ANCHOR_FILE from `root`, or a file in the data folder. */
export function parseAnchorFile(text: string | undefined, dataDir: string, root: string): string {
  return text === undefined ? resolve(dataDir, 'anchor', 'spine.log') : resolve(root, text)
}

/**
 * CHIRON_WITNESSES: `<url>=<verifier key>`, separated by spaces. Throws StartupError for what is not of that form, for a
 * key that does not cosign, and for the same address or witness twice.
 */
export function parseWitnesses(text: string | undefined): readonly WitnessAddress[] {
  const parts = (text ?? '').split(/\s+/).filter((part) => part !== '')
  const witnesses = parts.map(parseWitness)
  const names = witnesses.flatMap(({ url, key }) => [url, parseVerifierKey(key).name])
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new StartupError(`CHIRON_WITNESSES names ${twice} twice: list each witness once.`)
  return witnesses
}

function parseWitness(part: string): WitnessAddress {
  const [, address = '', key = ''] = /^([^=]+)=(.+)$/.exec(part) ?? []
  const url = URL.parse(address)
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (!isPlain) throw new StartupError(`CHIRON_WITNESSES must be a list such as https://witness.example=name+id+key, not "${part}".`)
  try {
    const verifier = parseVerifierKey(key)
    if (verifier.type !== 4) throw new NoteError('it is the key of a log, not of a witness')
    return { url: url.href.replace(/\/$/, ''), key }
  } catch (error) {
    if (error instanceof NoteError)
      throw new StartupError(`CHIRON_WITNESSES has no good key for ${address} (${error.message}): copy it from the witness's first lines.`)
    throw error
  }
}

/**
 * Who gets the daily seal by mail; null when CHIRON_ANCHOR_MAIL is not set. Throws StartupError for an address that is none,
 * and when recipients are set but SMTP_URL or MAIL_FROM is not.
 */
export function parseAnchorMail(env: {
  CHIRON_ANCHOR_MAIL?: string | undefined
  CHIRON_MAIL_LANGUAGE?: string | undefined
  SMTP_URL?: string | undefined
  MAIL_FROM?: string | undefined
}): AnchorMail | null {
  const to = (env.CHIRON_ANCHOR_MAIL ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
  if (to.length === 0) return null
  const bad = to.find((address) => !isAddress(address))
  if (bad !== undefined) throw new StartupError(`CHIRON_ANCHOR_MAIL must be addresses separated by commas, not "${bad}".`)
  if (env.SMTP_URL === undefined || env.MAIL_FROM === undefined) throw new StartupError('CHIRON_ANCHOR_MAIL is set: set SMTP_URL and MAIL_FROM as well.')
  assertSender(env.MAIL_FROM)
  return { to, from: env.MAIL_FROM, language: parseLanguage(env.CHIRON_MAIL_LANGUAGE), server: parseSmtpUrl(env.SMTP_URL) }
}

/** The address in MAIL_FROM. Throws StartupError for a text that holds none. */
export function assertSender(from: string): string {
  const address = /<([^<>]*)>$/.exec(from)?.[1] ?? from
  if (!isAddress(address)) throw new StartupError(`MAIL_FROM must be an address such as Chiron <chiron@clinic.example>, not "${from}".`)
  return address
}

function parseLanguage(text: string | undefined): MailLanguage {
  const language = text === undefined ? 'es-MX' : MAIL_LANGUAGES.find((known) => known === text)
  if (language === undefined) throw new StartupError(`CHIRON_MAIL_LANGUAGE must be one of ${MAIL_LANGUAGES.join(', ')}, not "${text}".`)
  return language
}

/**
 * SMTP_URL: smtp://[user:password@]host[:port] or smtps://…. A password never travels in clear: with one, plain smtp://
 * demands STARTTLS, unless the server is on this machine. Throws StartupError, without repeating the password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.parse(text)
  const isMailUrl = url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== '' && /^\/?$/.test(url.pathname) && url.search === '' && url.hash === ''
  if (!isMailUrl || (url.password !== '' && url.username === ''))
    throw new StartupError('SMTP_URL must be an address such as smtps://user:password@mail.example:465.')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const isLocal = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  const login = url.username === '' ? null : { user: decode(url.username), password: decode(url.password) }
  if (url.protocol === 'smtps:') return { host, port: Number(url.port || '465'), security: 'tls', login }
  // Local relays have certificates that nobody signed.
  const security = isLocal ? 'none' : login === null ? 'opportunistic' : 'starttls'
  return { host, port: Number(url.port || (login === null ? '25' : '587')), security, login }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new StartupError('SMTP_URL has a percent sign that stands for nothing: write it as %25.')
  }
}

function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(text)
}
