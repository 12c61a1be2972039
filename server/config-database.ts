import { StartupError } from './startup-error.ts'

// pg 8 verifies the certificate for `require` as well (it treats it as verify-full), so `require` is accepted.
const VERIFIED_MODES = ['verify-full', 'verify-ca', 'require']
const WEAK_PASSWORDS = ['password', 'postgres', 'chiron', 'changeme', 'change-me', 'secret', 'admin', 'example']
const MINIMUM_PASSWORD_LENGTH = 12

/** A PostgreSQL URL that is safe to use. Throws StartupError when it is missing, malformed, weak, or unencrypted to another host. */
export function parseDatabaseUrl(name: string, text: string | undefined): string {
  if (text === undefined) throw new StartupError(`${name} is not set: DATABASE_URL needs it beside it (.env.example explains every variable).`)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '' || url.pathname.length < 2) {
    throw new StartupError(`${name} is not a PostgreSQL address: write postgresql://user:password@host:5432/database?sslmode=verify-full`)
  }
  if (url.username === '') throw new StartupError(`${name} has no user name: write postgresql://user:password@host:5432/database`)
  checkPassword(name, url)
  checkEncryption(name, url)
  return text
}

function checkPassword(name: string, url: URL): void {
  const password = decodeURIComponent(url.password)
  // The admin may sign in by certificate or peer, and the admin's password is not ours to judge.
  if (name === 'DATABASE_ADMIN_URL') return
  if (password.length >= MINIMUM_PASSWORD_LENGTH && !WEAK_PASSWORDS.includes(password.toLowerCase()) && new Set(password).size >= 6) return
  throw new StartupError(`The password in ${name} is missing or weak (at least ${MINIMUM_PASSWORD_LENGTH} characters): generate one with: openssl rand -hex 24`)
}

function checkEncryption(name: string, url: URL): void {
  // pg also takes the host from a parameter, which would slip past a look at the host part alone.
  const hosts = [url.hostname, ...url.searchParams.getAll('host')]
  const isLocal = hosts.every((host) => host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host) || host.startsWith('/'))
  const mode = url.searchParams.get('sslmode')
  const isWeakened = url.searchParams.has('uselibpqcompat') && mode === 'require'
  if (isLocal || (mode !== null && VERIFIED_MODES.includes(mode) && !isWeakened)) return
  throw new StartupError(`${name} leads to another machine without verified TLS: add ?sslmode=verify-full (and sslrootcert=<file> for a private authority).`)
}
