import { describe, expect, it } from 'vitest'
import { loadConfig, readDatabaseChoice } from './config.ts'
import { StartupError } from './startup-error.ts'

const SECRET = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'
const PASSWORD = 'h7Jq2mXw9sLdTz'
const app = `postgresql://chiron_app:${PASSWORD}@127.0.0.1:5432/chiron`
const auditor = `postgresql://chiron_auditor:${PASSWORD}@127.0.0.1:5432/chiron`
const remote = { DATABASE_URL: app, DATABASE_AUDITOR_URL: auditor, CHIRON_TOKEN_SECRET: SECRET }
const embedded = { adminUrl: 'a', appUrl: 'b', auditorUrl: 'c', sequencerUrl: 'd', tokenSecret: SECRET }

describe('loadConfig', () => {
  it('needs nothing but the embedded database', () => {
    const config = loadConfig({}, { root: '/srv/clinic', embedded })
    expect(config).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:4000',
      dataDir: '/srv/clinic/.chiron',
      demo: true,
      isEmbedded: true,
      tls: null,
      trustProxy: 0,
      corsOrigins: [],
      logLevel: 'info',
      isSecureOrigin: false,
      database: { adminUrl: 'a', appUrl: 'b', auditorUrl: 'c', sequencerUrl: 'd', poolSize: 10 },
    })
    expect(config.secrets.tokenKey).toHaveLength(32)
  })

  it('is frozen at every depth', () => {
    const config = loadConfig(remote)
    expect([config, config.database, config.secrets, config.corsOrigins].every(Object.isFrozen)).toBe(true)
  })

  it('reads every variable', () => {
    const env = {
      ...remote,
      PORT: '8080',
      HOST: '0.0.0.0',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      CHIRON_PUBLIC_URL: 'https://clinic.example',
      CHIRON_DATA: '/data',
      CHIRON_DEMO: '0',
      CORS_ORIGINS: 'https://a.example,https://b.example',
      LOG_LEVEL: 'debug',
      DATABASE_POOL_SIZE: '25',
      DATABASE_ADMIN_URL: 'postgresql://root@localhost/chiron',
    }
    expect(loadConfig(env)).toMatchObject({
      port: 8080,
      host: '0.0.0.0',
      trustProxy: ['10.0.0.0/8', '::1'],
      publicUrl: 'https://clinic.example',
      isSecureOrigin: true,
      dataDir: '/data',
      demo: false,
      corsOrigins: ['https://a.example', 'https://b.example'],
      logLevel: 'debug',
      isEmbedded: false,
      database: {
        poolSize: 25,
        adminUrl: 'postgresql://root@localhost/chiron',
        sequencerUrl: null,
        appUrl: app,
        auditorUrl: auditor,
      },
    })
  })

  it.each([
    [{}, true],
    [{ CHIRON_DEMO: '0' }, false],
    [{ CHIRON_PUBLIC_URL: 'https://clinic.example' }, false],
    [{ CHIRON_PUBLIC_URL: 'https://clinic.example', CHIRON_DEMO: '1' }, true],
  ])('offers the demo, whose passwords are public, to this machine only unless told otherwise: %j', (env, expected) => {
    expect(loadConfig({ ...remote, ...env }).demo).toBe(expected)
  })

  it('treats an empty variable as unset', () => {
    expect(loadConfig({ ...remote, PORT: '', LOG_LEVEL: ' ', DATABASE_ADMIN_URL: '' })).toMatchObject({
      port: 4000,
      logLevel: 'info',
      database: { adminUrl: null },
    })
  })

  it('serves TLS itself when both files are there', () => {
    const config = loadConfig({
      ...remote,
      HOST: '0.0.0.0',
      TLS_CERT_FILE: 'package.json',
      TLS_KEY_FILE: 'tsconfig.json',
    })
    expect(config.tls?.certFile).toMatch(/package\.json$/)
    expect(config).toMatchObject({ isSecureOrigin: true, publicUrl: 'https://0.0.0.0:4000' })
  })

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('accepts plain HTTP on %s', (HOST) => {
    expect(loadConfig({ ...remote, HOST }).tls).toBeNull()
  })

  it.each(['verify-full', 'verify-ca', 'require'])('accepts a remote database with sslmode=%s', (mode) => {
    const far = (url: string) => `${url.replace('127.0.0.1', 'db.example')}?sslmode=${mode}`
    expect(loadConfig({ ...remote, DATABASE_URL: far(app), DATABASE_AUDITOR_URL: far(auditor) }).database.appUrl).toContain(mode)
  })
})

const far = app.replace('127.0.0.1', 'db.example')

describe('loadConfig refuses', () => {
  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['a port that is no number', { PORT: 'four' }, /^PORT must be a whole number from 0 to 65535, not "four"/],
    ['a port that is too large', { PORT: '65536' }, /^PORT must be/],
    ['a negative pool size', { DATABASE_POOL_SIZE: '-1' }, /^DATABASE_POOL_SIZE must be/],
    ['a demo flag in words', { CHIRON_DEMO: 'yes' }, /^CHIRON_DEMO must be 1 or 0/],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
    ['a public address with a path', { CHIRON_PUBLIC_URL: 'https://a.example/chiron' }, /^CHIRON_PUBLIC_URL must be an origin/],
    ['a wildcard origin', { CORS_ORIGINS: '*' }, /^CORS_ORIGINS must be an origin/],
    ['a proxy that is no address', { TRUST_PROXY: 'loadbalancer!' }, /^TRUST_PROXY must be/],
    ['plain HTTP for everybody', { HOST: '0.0.0.0' }, /Plain HTTP is served on this machine only, not on 0\.0\.0\.0/],
    ['a proxy without TLS in front', { HOST: '0.0.0.0', TRUST_PROXY: '1', CHIRON_PUBLIC_URL: 'http://clinic.example' }, /Plain HTTP/],
    ['a certificate without a key', { TLS_CERT_FILE: 'package.json' }, /belong together/],
    ['a certificate that is not there', { TLS_CERT_FILE: 'no.pem', TLS_KEY_FILE: 'package.json' }, /no\.pem does not exist/],
    [
      'TLS with a plain public address',
      { TLS_CERT_FILE: 'package.json', TLS_KEY_FILE: 'package.json', CHIRON_PUBLIC_URL: 'http://a.example' },
      /must begin with https/,
    ],
    ['a missing token secret', { CHIRON_TOKEN_SECRET: '' }, /^CHIRON_TOKEN_SECRET is not set/],
    ['a short token secret', { CHIRON_TOKEN_SECRET: SECRET.slice(2) }, /has 31 bytes, but needs 32/],
    ['a token secret of one character', { CHIRON_TOKEN_SECRET: 'a'.repeat(64) }, /repeats itself/],
    ['a known example', { CHIRON_TOKEN_SECRET: 'change-me-change-me-change-me-change-me-change' }, /example from documentation/],
    ['a token secret of other characters', { CHIRON_TOKEN_SECRET: `${SECRET} !` }, /neither hex nor base64url/],
    ['a missing auditor', { DATABASE_AUDITOR_URL: '' }, /^DATABASE_AUDITOR_URL is not set/],
    ['an address of another kind', { DATABASE_URL: 'mysql://chiron_app@localhost/chiron' }, /not a PostgreSQL address/],
    ['an address without a database', { DATABASE_URL: 'postgresql://chiron_app:x@localhost' }, /not a PostgreSQL address/],
    ['an address without a user', { DATABASE_URL: 'postgresql://localhost/chiron' }, /no user name/],
    ['a weak database password', { DATABASE_URL: app.replace(PASSWORD, 'password') }, /password in DATABASE_URL is missing or weak/],
    ['a remote database without TLS', { DATABASE_URL: far }, /without verified TLS/],
    ['a remote database with unverified TLS', { DATABASE_URL: `${far}?sslmode=prefer` }, /without verified TLS/],
    ['a remote database with the lax form of require', { DATABASE_URL: `${far}?sslmode=require&uselibpqcompat=true` }, /without verified TLS/],
    ['a remote host hidden in a parameter', { DATABASE_URL: `${app}?host=db.example` }, /without verified TLS/],
    ['a remote admin without TLS', { DATABASE_ADMIN_URL: 'postgresql://postgres@db.example/chiron' }, /^DATABASE_ADMIN_URL leads to another machine/],
  ])('%s', (_case, env, message) => {
    const load = () => loadConfig({ ...remote, ...env })
    expect(load).toThrow(StartupError)
    expect(load).toThrow(message)
  })

  it('to go on without a database', () => {
    expect(() => loadConfig({})).toThrow(/DATABASE_URL is not set and no embedded database runs/)
  })

  it('a weak secret even for the embedded database', () => {
    expect(() => loadConfig({ CHIRON_TOKEN_SECRET: 'short' }, { embedded })).toThrow(StartupError)
  })
})

describe('readDatabaseChoice', () => {
  it('wants the embedded database exactly when DATABASE_URL is unset', () => {
    expect(readDatabaseChoice({ CHIRON_DATA: 'data' }, '/srv')).toEqual({
      isEmbedded: true,
      dataDir: '/srv/data',
      host: '127.0.0.1',
      port: 4000,
    })
    expect(readDatabaseChoice(remote).isEmbedded).toBe(false)
  })
})

describe('StartupError', () => {
  it('keeps its message on one line', () => {
    expect(new StartupError('first\n  second').message).toBe('first second')
  })
})
