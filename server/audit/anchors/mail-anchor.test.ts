import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatVerifierKey, isSignedBy, parseNote, parseVerifierKey, verifierOf } from '../../../modules/kernel/signed-note.ts'
import { mailPart, OutsideWorld } from '../../../test/outside-world.ts'
import { takePort } from '../../../test/ports.ts'
import { TestLog } from '../../../test/test-log.ts'
import english from '../../../web/locales/en/mail.json' with { type: 'json' }
import spanish from '../../../web/locales/es-MX/mail.json' with { type: 'json' }
import { type MailLanguage, parseAnchorMail } from '../../config-audit.ts'
import type { Exclusive } from './anchor.ts'
import { MailAnchor } from './mail-anchor.ts'

let log: TestLog
let outside: OutsideWorld

beforeEach(() => {
  log = new TestLog()
  outside = new OutsideWorld()
})
afterEach(() => outside[Symbol.asyncDispose]())

const nobody: Exclusive = () => Promise.reject(new Error('mail needs no database'))
const never = new AbortController().signal

describe('MailAnchor', () => {
  const vkey = () => formatVerifierKey(verifierOf(log.signer))
  const at = new Date('2026-11-21T08:30:00Z')
  function mailAnchor(port: number, language: MailLanguage = 'es-MX', url = `smtp://127.0.0.1:${port}`) {
    const settings = parseAnchorMail({
      CHIRON_ANCHOR_MAIL: 'ana@x.example,notary@y.example',
      SMTP_URL: url,
      MAIL_FROM: 'Chiron <c@x.example>',
      CHIRON_MAIL_LANGUAGE: language,
    })
    if (!settings) throw new Error('there are recipients')
    return new MailAnchor({ ...settings, vkey: vkey(), now: () => at })
  }

  it.each([
    ['es-MX', 'Este es el sello diario', '21 de noviembre de 2026', 'Clave del registro'],
    ['en', 'This is the daily seal', 'November 21, 2026', 'Key of the trail'],
  ] as const)('in %s says what it is, and carries the checkpoint exactly', async (language, what, day, key) => {
    const { port, mails } = await outside.startMailServer()
    const published = log.publish(42)
    await mailAnchor(port, language).anchor(nobody, published, never)
    expect(mails.map(({ from, to }) => [from, to])).toEqual([['c@x.example', ['ana@x.example', 'notary@y.example']]])
    const source = mails[0]?.source ?? ''
    const text = mailPart(source, 'text/plain; charset=utf-8\r\nContent-Transfer')
    for (const wanted of [what, day, `${key} `, vkey(), published.note, `node chiron-verify.mjs . --key "${vkey()}" --checkpoint checkpoint.txt`])
      expect(text).toContain(wanted)
    expect(text).not.toContain('{{')
    const attached = mailPart(source, 'text/plain; charset=utf-8; name=checkpoint.txt')
    expect(attached).toBe(published.note)
    expect(isSignedBy(parseNote(attached), parseVerifierKey(vkey()))).toBe(true)
  })

  it('has the same texts in every language', () => {
    const keys = (texts: object, prefix = ''): string[] =>
      Object.entries(texts).flatMap(([key, text]) =>
        typeof text === 'string' ? [`${prefix}${key} ${text.match(/\{\{\w+\}\}/g)?.sort() ?? ''}`] : keys(text, `${prefix}${key}.`),
      )
    expect(keys(spanish)).toEqual(keys(english))
  })

  it('signs in where the address says so', async () => {
    const logins: unknown[] = []
    const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _session, done) => {
      logins.push([username, password])
      done(null, { user: username })
    }
    const { port, mails } = await outside.startMailServer({ onAuth, authOptional: false, allowInsecureAuth: true })
    await mailAnchor(port, 'en', `smtp://chiron:p%40ss@127.0.0.1:${port}`).anchor(nobody, log.publish(1), never)
    expect([logins, mails.length]).toEqual([[['chiron', 'p@ss']], 1])
  })

  it.each([
    ['that refuses the password', { onAuth: (_auth, _session, done) => done(new Error('Invalid login')), allowInsecureAuth: true }, 'REFUSED'],
    [
      'that refuses one recipient',
      { onRcptTo: ({ address }, _session, done) => done(address.startsWith('ana') ? new Error('ana@x.example is unknown') : null) },
      'REFUSED',
    ],
    ['that refuses all recipients', { onRcptTo: (_address, _session, done) => done(new Error('ana@x.example is unknown')) }, 'REFUSED'],
    ['that refuses the message', { onData: (stream, _session, done) => stream.resume().on('end', () => done(new Error('spam'))) }, 'REFUSED'],
  ] as [string, SMTPServerOptions, string][])('reports a server %s, without its words about people', async (_case, options, code) => {
    const { port } = await outside.startMailServer(options)
    const url = options.onAuth ? `smtp://u:p@127.0.0.1:${port}` : undefined
    await expect(mailAnchor(port, 'en', url).anchor(nobody, log.publish(1), never)).rejects.toMatchObject({ code, message: expect.not.stringContaining('@') })
  })

  it('reports a server that is not there, and ends when it is told to', async () => {
    await expect(mailAnchor(await takePort()).anchor(nobody, log.publish(1), never)).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })
})
