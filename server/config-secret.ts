import { StartupError } from './startup-error.ts'

const MINIMUM_BYTES = 32
/** Fewer different byte values than this in 32 bytes does not happen by chance (p < 1e-20). */
const MINIMUM_DISTINCT_BYTES = 12
const ADVICE = 'generate one with: openssl rand -hex 32'

// Values people copy from documentation, compared without regard to case and punctuation.
const KNOWN = [
  'change-me',
  'changeme',
  'secret',
  'password',
  'example',
  'your-secret',
  'insecure',
  'replace',
  'placeholder',
  'abcdefghijkl',
  '0123456789abcdef0123456789abcdef',
]

/** The key behind CHIRON_TOKEN_SECRET (hex or base64url). Throws StartupError when it is missing, malformed or weak. */
export function parseTokenKey(secret: string | undefined): Uint8Array {
  if (secret === undefined) throw new StartupError(`CHIRON_TOKEN_SECRET is not set: ${ADVICE}`)
  return parseSecretKey('CHIRON_TOKEN_SECRET', secret)
}

/**
 * A key of at least 32 bytes, written as hex or base64url; `name` says in messages where it stands. Throws StartupError when it
 * is malformed, weak, or known from documentation.
 */
export function parseSecretKey(name: string, secret: string): Uint8Array {
  const plain = secret.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  const known = KNOWN.find((word) => plain.includes(word.replaceAll(/[^a-z0-9]/g, '')))
  if (known !== undefined) throw new StartupError(`${name} is an example from documentation: ${ADVICE}`)
  const isHex = /^[0-9a-fA-F]+$/.test(secret) && secret.length % 2 === 0
  if (!isHex && !/^[A-Za-z0-9_-]+=*$/.test(secret)) throw new StartupError(`${name} is neither hex nor base64url: ${ADVICE}`)
  const key = new Uint8Array(Buffer.from(secret, isHex ? 'hex' : 'base64url'))
  if (key.length < MINIMUM_BYTES) throw new StartupError(`${name} has ${key.length} bytes, but needs ${MINIMUM_BYTES}: ${ADVICE}`)
  if (new Set(key).size < MINIMUM_DISTINCT_BYTES) throw new StartupError(`${name} repeats itself: ${ADVICE}`)
  return key
}
