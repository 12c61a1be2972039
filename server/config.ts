import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { type AnchorMail, parseAnchorFile, parseAnchorMail, parseWitnesses, type WitnessAddress } from './config-audit.ts'
import { parseDatabaseUrl } from './config-database.ts'
import type { MasterKeySettings } from './config-keys.ts'
import { type MessagingConfig, parseMessaging } from './config-messages.ts'
import { type MetricsConfig, parseMetrics } from './config-metrics.ts'
import { parseTokenKey } from './config-secret.ts'
import { isLoopback } from './loopback.ts'
import { StartupError } from './startup-error.ts'

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

export type Config = Readonly<{
  port: number
  host: string
  /** Origin that browsers use, without a trailing slash. */
  publicUrl: string
  /** Absolute path. */
  dataDir: string
  demo: boolean
  isEmbedded: boolean
  database: Readonly<{
    appUrl: string
    /** Null: this process may neither bootstrap nor migrate. */
    adminUrl: string | null
    auditorUrl: string
    /** Null: nobody integrates the audit log from here. */
    sequencerUrl: string | null
    poolSize: number
    waitMs?: number
  }>
  secrets: Readonly<{ tokenKey: Uint8Array }>
  audit: AuditConfig
  messaging: MessagingConfig
  tls: Readonly<{ certFile: string; keyFile: string }> | null
  /** Number of proxies in front, or their addresses; 0: nobody is believed. */
  trustProxy: number | readonly string[]
  corsOrigins: readonly string[]
  /** How long this process still serves after it was asked to end, so that proxies notice. */
  drainSeconds: number
  logLevel: LogLevel
  /** Null: nothing is measured. */
  metrics: MetricsConfig | null
  /** Browsers reach this server over TLS: Secure cookies and HSTS apply. */
  isSecureOrigin: boolean
}>

/** The transparency log: who signs, where checkpoints go, what encrypts before and after images. */
export type AuditConfig = Readonly<{
  /** Absolute. Read by the sequencer's process alone. */
  signingKeyFile: string
  anchorFile: string
  witnesses: readonly WitnessAddress[]
  mail: AnchorMail | null
  masterKey: MasterKeySettings
  /** Whether `serve` runs the sequencer; `worker` always does. */
  isSequencerWanted: boolean
}>

/** What the embedded database adds to the environment. */
export type EmbeddedSettings = {
  adminUrl: string
  appUrl: string
  auditorUrl: string
  sequencerUrl: string
  tokenSecret: string
}

export type LoadOptions = {
  /** Folder that relative paths start from. */
  root?: string
  /** The started embedded database; needed exactly when DATABASE_URL is unset. */
  embedded?: EmbeddedSettings
}

const optional = z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), z.string().trim().optional())

const origin = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '') return url.origin
  context.addIssue({ code: 'custom', message: `must be an origin such as https://clinic.example, not "${text}"` })
  return z.NEVER
})

const integer = <F extends number | undefined>(low: number, high: number, fallback: F) =>
  optional.transform((text, context): number | F => {
    if (text === undefined) return fallback
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= low && value <= high) return value
    context.addIssue({ code: 'custom', message: `must be a whole number from ${low} to ${high}, not "${text}"` })
    return z.NEVER
  })

const flag = optional.transform((text, context) => {
  if (text === undefined || text === '1' || text === '0') return text === undefined ? null : text === '1'
  context.addIssue({ code: 'custom', message: `must be 1 or 0, not "${text}"` })
  return z.NEVER
})

const list = optional.transform((text) =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

const environmentSchema = z.object({
  PORT: integer(0, 65_535, 4000),
  HOST: optional.transform((text) => text ?? '127.0.0.1'),
  DATABASE_URL: optional,
  DATABASE_ADMIN_URL: optional,
  DATABASE_AUDITOR_URL: optional,
  DATABASE_SEQUENCER_URL: optional,
  DATABASE_POOL_SIZE: integer(1, 200, 10),
  CHIRON_DATA: optional.transform((text) => text ?? '.chiron'),
  CHIRON_DEMO: flag,
  CHIRON_TOKEN_SECRET: optional,
  CHIRON_PUBLIC_URL: optional.pipe(origin.optional()),
  CORS_ORIGINS: list.pipe(z.array(origin)),
  TRUST_PROXY: list,
  CHIRON_DRAIN_SECONDS: integer(0, 300, -1).transform((seconds) => (seconds === -1 ? null : seconds)),
  TLS_CERT_FILE: optional,
  TLS_KEY_FILE: optional,
  CHIRON_AUDIT_KEY_FILE: optional,
  CHIRON_ANCHOR_FILE: optional,
  CHIRON_WITNESSES: optional,
  CHIRON_ANCHOR_MAIL: optional,
  CHIRON_MAIL_LANGUAGE: optional,
  SMTP_URL: optional,
  MAIL_FROM: optional,
  TWILIO_ACCOUNT_SID: optional,
  TWILIO_AUTH_TOKEN: optional,
  TWILIO_FROM: optional,
  TWILIO_API_URL: optional.pipe(origin.optional()),
  CHIRON_MASTER_KEY: optional,
  CHIRON_MASTER_KEY_FILE: optional,
  CHIRON_SEQUENCER: flag,
  METRICS_PORT: integer(0, 65_535, undefined),
  METRICS_HOST: optional,
  METRICS_TOKEN: optional,
  LOG_LEVEL: optional.pipe(z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info')),
})

type Environment = z.infer<typeof environmentSchema>

/** Where the embedded database lives, and whether one is wanted: the part that is needed before it runs. */
export type DatabaseChoice = { isEmbedded: boolean; dataDir: string; host: string; port: number }

/** Reads as much as is needed to check the port and to start the embedded database. Throws StartupError. */
export function readDatabaseChoice(env: NodeJS.ProcessEnv, root = process.cwd()): DatabaseChoice {
  const parsed = parseEnvironment(env)
  checkTransport(parsed, root)
  return {
    isEmbedded: parsed.DATABASE_URL === undefined,
    dataDir: resolve(root, parsed.CHIRON_DATA),
    host: parsed.HOST,
    port: parsed.PORT,
  }
}

/**
 * The whole configuration, checked once and frozen. Throws StartupError with one line for the first problem: an unreadable
 * value, a weak or missing secret, plain HTTP beyond this machine, an unencrypted way to a remote database.
 */
export function loadConfig(env: NodeJS.ProcessEnv, { root = process.cwd(), embedded }: LoadOptions = {}): Config {
  const parsed = parseEnvironment(env)
  const tls = checkTransport(parsed, root)
  const isEmbedded = parsed.DATABASE_URL === undefined
  const scheme = tls === null ? 'http' : 'https'
  const publicUrl = parsed.CHIRON_PUBLIC_URL ?? `${scheme}://${isLoopback(parsed.HOST) ? 'localhost' : parsed.HOST}:${parsed.PORT}`
  const database = isEmbedded ? embeddedDatabase(embedded) : remoteDatabase(parsed)
  // The embedded default generates its own secret; one that is set explicitly is held to the same standard everywhere.
  const tokenSecret = parsed.CHIRON_TOKEN_SECRET ?? (isEmbedded ? embedded?.tokenSecret : undefined)
  return freeze({
    port: parsed.PORT,
    host: parsed.HOST,
    publicUrl,
    dataDir: resolve(root, parsed.CHIRON_DATA),
    // The demo's passwords are public: an installation that others reach gets it only when asked.
    demo: parsed.CHIRON_DEMO ?? !publicUrl.startsWith('https:'),
    isEmbedded,
    database: { ...database, poolSize: parsed.DATABASE_POOL_SIZE },
    secrets: { tokenKey: parseTokenKey(tokenSecret) },
    audit: auditConfig(parsed, root, isEmbedded),
    messaging: parseMessaging(parsed),
    tls,
    trustProxy: parseTrustProxy(parsed.TRUST_PROXY),
    corsOrigins: parsed.CORS_ORIGINS,
    drainSeconds: parsed.CHIRON_DRAIN_SECONDS ?? (parsed.TRUST_PROXY.length > 0 ? 5 : 0),
    logLevel: parsed.LOG_LEVEL,
    metrics: parseMetrics({ port: parsed.METRICS_PORT, host: parsed.METRICS_HOST, token: parsed.METRICS_TOKEN }, tls !== null),
    isSecureOrigin: publicUrl.startsWith('https:'),
  })
}

function parseEnvironment(env: NodeJS.ProcessEnv): Environment {
  const result = environmentSchema.safeParse(env)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new StartupError(`${String(issue?.path[0])} ${issue?.message}: correct it in the environment (.env.example explains every variable).`)
}

function checkTransport(parsed: Environment, root: string): Config['tls'] {
  const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key } = parsed
  if ((cert === undefined) !== (key === undefined)) throw new StartupError('TLS_CERT_FILE and TLS_KEY_FILE belong together: set both or neither.')
  if (cert !== undefined && key !== undefined) {
    const files = { certFile: resolve(root, cert), keyFile: resolve(root, key) }
    const missing = Object.values(files).find((file) => !existsSync(file))
    if (missing !== undefined) throw new StartupError(`The TLS file ${missing} does not exist: correct TLS_CERT_FILE or TLS_KEY_FILE.`)
    if (parsed.CHIRON_PUBLIC_URL?.startsWith('http:')) throw new StartupError('CHIRON_PUBLIC_URL must begin with https:// when TLS_CERT_FILE is set.')
    return files
  }
  const isBehindTls = parsed.TRUST_PROXY.length > 0 && parsed.CHIRON_PUBLIC_URL?.startsWith('https:')
  if (!isLoopback(parsed.HOST) && !isBehindTls) {
    throw new StartupError(
      `Plain HTTP is served on this machine only, not on ${parsed.HOST}: set TLS_CERT_FILE and TLS_KEY_FILE, or TRUST_PROXY and an https:// CHIRON_PUBLIC_URL behind a proxy, or HOST=127.0.0.1.`,
    )
  }
  return null
}

function auditConfig(parsed: Environment, root: string, isEmbedded: boolean): AuditConfig {
  const dataDir = resolve(root, parsed.CHIRON_DATA)
  const fileOr = (text: string | undefined) => (text === undefined ? undefined : resolve(root, text))
  return {
    signingKeyFile: fileOr(parsed.CHIRON_AUDIT_KEY_FILE) ?? resolve(dataDir, 'audit-signing.key'),
    anchorFile: parseAnchorFile(parsed.CHIRON_ANCHOR_FILE, dataDir, root),
    witnesses: parseWitnesses(parsed.CHIRON_WITNESSES),
    mail: parseAnchorMail(parsed),
    masterKey: { value: parsed.CHIRON_MASTER_KEY, file: fileOr(parsed.CHIRON_MASTER_KEY_FILE), dataDir, isEmbedded },
    isSequencerWanted: parsed.CHIRON_SEQUENCER ?? true,
  }
}

function embeddedDatabase(embedded: EmbeddedSettings | undefined): Omit<Config['database'], 'poolSize'> {
  if (embedded === undefined) throw new StartupError('DATABASE_URL is not set and no embedded database runs: use npm start, or set DATABASE_URL.')
  const { adminUrl, appUrl, auditorUrl, sequencerUrl } = embedded
  return { adminUrl, appUrl, auditorUrl, sequencerUrl }
}

function remoteDatabase(parsed: Environment): Omit<Config['database'], 'poolSize'> {
  const appUrl = parseDatabaseUrl('DATABASE_URL', parsed.DATABASE_URL)
  const auditorUrl = parseDatabaseUrl('DATABASE_AUDITOR_URL', parsed.DATABASE_AUDITOR_URL)
  const optionalUrl = (name: 'DATABASE_ADMIN_URL' | 'DATABASE_SEQUENCER_URL') => (parsed[name] === undefined ? null : parseDatabaseUrl(name, parsed[name]))
  return {
    appUrl,
    auditorUrl,
    adminUrl: optionalUrl('DATABASE_ADMIN_URL'),
    sequencerUrl: optionalUrl('DATABASE_SEQUENCER_URL'),
  }
}

function parseTrustProxy(parts: readonly string[]): number | readonly string[] {
  const [only] = parts
  if (only === undefined) return 0
  if (parts.length === 1 && /^\d+$/.test(only)) return Number(only)
  const bad = parts.find((part) => !isNetwork(part))
  if (bad !== undefined) throw new StartupError(`TRUST_PROXY must be a number of proxies or a list of addresses such as 10.0.0.0/8, not "${bad}".`)
  return parts
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  const version = isIP(address)
  return version > 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
}

function freeze<T extends object>(value: T): Readonly<T> {
  // A typed array cannot be frozen; everything else can, at every depth.
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null && !ArrayBuffer.isView(part)) freeze(part)
  return Object.freeze(value)
}
