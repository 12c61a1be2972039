import { describe, expect, it } from 'vitest'
import { createSigner, formatVerifierKey, verifierOf } from '../modules/kernel/signed-note.ts'
import { parseAnchorFile, parseAnchorMail, parseSmtpUrl, parseWitnesses } from './config-audit.ts'
import { StartupError } from './startup-error.ts'

describe('parseAnchorFile', () => {
  it('is in the data folder unless another file is named', () => {
    expect(parseAnchorFile(undefined, '/data', '/app')).toBe('/data/anchor/spine.log')
    expect(parseAnchorFile('anchors/a.log', '/data', '/app')).toBe('/app/anchors/a.log')
    expect(parseAnchorFile('/mnt/other/a.log', '/data', '/app')).toBe('/mnt/other/a.log')
  })
})

describe('parseWitnesses', () => {
  const one = formatVerifierKey(verifierOf(createSigner('w1', Buffer.alloc(32, 1)), 4))
  const two = formatVerifierKey(verifierOf(createSigner('w2', Buffer.alloc(32, 2)), 4))
  const log = formatVerifierKey(verifierOf(createSigner('log', Buffer.alloc(32, 3))))

  it('reads addresses and keys', () => {
    expect(parseWitnesses(undefined)).toEqual([])
    expect(parseWitnesses(`  https://a.example/w/=${one}\n http://b.example:4100=${two} `)).toEqual([
      { url: 'https://a.example/w', key: one },
      { url: 'http://b.example:4100', key: two },
    ])
  })

  it.each([
    ['no key', 'https://a.example', /must be a list/],
    ['no address', one, /must be a list/],
    ['another protocol', `ftp://a.example=${one}`, /must be a list/],
    ['a password', `https://u:p@a.example=${one}`, /must be a list/],
    ['a query', `https://a.example/?a=${one}`, /must be a list/],
    ['a damaged key', `https://a.example=${one.replace('w1', 'w3')}`, /does not fit/],
    ['the key of a log', `https://a.example=${log}`, /key of a log/],
    ['an address twice', `https://a.example=${one} https://a.example/=${two}`, /twice/],
    ['a witness twice', `https://a.example=${one} https://b.example=${one}`, /w1 twice/],
  ])('refuses %s', (_case, text, message) => {
    expect(() => parseWitnesses(text)).toThrow(message)
    expect(() => parseWitnesses(text)).toThrow(StartupError)
  })
})

describe('parseSmtpUrl', () => {
  it.each([
    ['smtps://u%40x:p%3A%25@mail.example', { host: 'mail.example', port: 465, security: 'tls', login: { user: 'u@x', password: 'p:%' } }],
    ['smtp://mail.example', { host: 'mail.example', port: 25, security: 'opportunistic', login: null }],
    ['smtp://u:p@mail.example', { host: 'mail.example', port: 587, security: 'starttls', login: { user: 'u', password: 'p' } }],
    ['smtp://u:p@127.0.0.1:2525/', { host: '127.0.0.1', port: 2525, security: 'none', login: { user: 'u', password: 'p' } }],
    ['smtp://[::1]:2525', { host: '::1', port: 2525, security: 'none', login: null }],
  ])('reads %s', (text, expected) => {
    expect(parseSmtpUrl(text)).toEqual(expected)
  })

  it.each([
    'mail.example',
    'http://mail.example',
    'smtp://',
    'smtp://:secret-word@mail.example',
    'smtp://mail.example/path',
    'smtp://mail.example?x=secret-word',
    'smtp://u:%zz@h',
  ])('refuses %s without repeating it', (text) => {
    expect(() => parseSmtpUrl(text)).toThrow(StartupError)
    expect(() => parseSmtpUrl(text)).not.toThrow(/secret-word/)
  })
})

describe('parseAnchorMail', () => {
  const env = { CHIRON_ANCHOR_MAIL: 'a@x.example, b@y.example', SMTP_URL: 'smtp://127.0.0.1:25', MAIL_FROM: 'Chiron <c@x.example>' }

  it('is nothing without recipients, and in Spanish unless told otherwise', () => {
    expect(parseAnchorMail({})).toBeNull()
    expect(parseAnchorMail({ ...env, CHIRON_ANCHOR_MAIL: ' , ' })).toBeNull()
    expect(parseAnchorMail(env)).toMatchObject({ to: ['a@x.example', 'b@y.example'], from: 'Chiron <c@x.example>', language: 'es-MX' })
    expect(parseAnchorMail({ ...env, CHIRON_MAIL_LANGUAGE: 'en', MAIL_FROM: 'c@x.example' })).toMatchObject({ language: 'en', from: 'c@x.example' })
  })

  it.each([
    ['an address that is none', { CHIRON_ANCHOR_MAIL: 'a@x.example, owner' }, /"owner"/],
    ['a header in an address', { CHIRON_ANCHOR_MAIL: 'a@x.example\r\nBcc: e@x.example' }, /CHIRON_ANCHOR_MAIL/],
    ['no server', { SMTP_URL: undefined }, /SMTP_URL/],
    ['no sender', { MAIL_FROM: undefined }, /MAIL_FROM/],
    ['a sender that is none', { MAIL_FROM: 'Chiron' }, /MAIL_FROM/],
    ['an unknown language', { CHIRON_MAIL_LANGUAGE: 'fr' }, /es-MX, en/],
  ])('refuses %s', (_case, change, message) => {
    expect(() => parseAnchorMail({ ...env, ...change })).toThrow(message)
  })
})
