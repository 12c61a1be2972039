import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import type { LogLevel } from './config.ts'

export type Log = Logger

/**
 * Fields that may carry credentials or personal data. A log line names things by id; these paths are the second line of
 * defence for objects that someone logs whole.
 */
const REDACTED = [
  'password',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'authorization',
  'cookie',
  'email',
  'phone',
  'name',
  'address',
  'variables',
  'query',
]

/** Structured log on standard output (or where a test wants it), one JSON object a line. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        ...REDACTED,
        ...REDACTED.map((field) => `*.${field}`),
        'req.headers.authorization',
        'req.headers.cookie',
        'req.headers["x-api-key"]',
        'res.headers["set-cookie"]',
      ],
      censor: '[redacted]',
    },
    serializers: { err: describeError },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** PostgreSQL quotes key values in `detail`, so an error is logged by type, code, message and stack only. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return { type: error.name, code, message: error.message, stack: error.stack }
}
