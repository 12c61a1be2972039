import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { mailPart, OutsideWorld } from '../../test/outside-world.ts'
import { takePort } from '../../test/ports.ts'
import { parseSmtpUrl } from '../config-audit.ts'
import { composeMail } from './compose-mail.ts'
import { SmtpMail } from './smtp-mail.ts'

let outside: OutsideWorld
beforeEach(() => {
  outside = new OutsideWorld()
})
afterEach(() => outside[Symbol.asyncDispose]())

const mailer = (port: number, login = '') => new SmtpMail({ from: 'chiron@clinic.example', server: parseSmtpUrl(`smtp://${login}127.0.0.1:${port}`) })
const UNSUBSCRIBE = 'https://vet.example/unsubscribe?token=abc'
const message = (over: object = {}) =>
  composeMail(
    {
      id: newId(),
      attempt: 1,
      channel: 'mail',
      kind: 'reminder',
      locale: 'es-MX',
      to: 'lucia@x.example',
      subject: 'Recordatorio: cita de Ñoño',
      text: 'Hola, Lucía <b>Hernández</b> & Cía.:\n\nLe recordamos la cita de "Ñoño".',
      clientId: newId(),
      ...over,
    },
    { clinicName: 'Clínica Centro', unsubscribeUrl: UNSUBSCRIBE },
  )

describe('mail by SMTP', () => {
  it('arrives with both parts, the clinic as sender, and the way out in its headers', async () => {
    const { port, mails } = await outside.startMailServer()
    const mail = await message()
    expect(await mailer(port).send(mail)).toEqual({ kind: 'sent', providerId: `<${mail.id}@clinic.example>` })
    const [received] = mails
    if (!received) throw new Error('no mail')
    expect([received.from, received.to]).toEqual(['chiron@clinic.example', ['lucia@x.example']])
    const headers = received.source.slice(0, received.source.indexOf('\r\n\r\n')).replaceAll(/\r\n\s+/g, ' ')
    expect(headers).toContain(`Message-ID: <${mail.id}@clinic.example>`)
    expect(headers).toContain(`List-Unsubscribe: <${UNSUBSCRIBE}>`)
    expect(headers).toContain('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    expect(headers).toContain('Auto-Submitted: auto-generated')
    expect(headers).toMatch(/From: =\?UTF-8\?.*\?= <chiron@clinic\.example>/)
    const text = mailPart(received.source, 'text/plain')
    expect(text).toContain('Hola, Lucía <b>Hernández</b> & Cía.:')
    expect(text).toContain(`No quiero recibir estos mensajes: ${UNSUBSCRIBE}`)
    const html = mailPart(received.source, 'text/html')
    expect(html).toContain('<p>Hola, Lucía &lt;b&gt;Hernández&lt;/b&gt; &amp; Cía.:</p>')
    expect(html).toContain(`<a href="${UNSUBSCRIBE}">`)
  })

  it('to somebody who works here has no way out', async () => {
    const { port, mails } = await outside.startMailServer()
    const mail = await message()
    await mailer(port).send({ ...mail, unsubscribeUrl: null })
    expect(mails[0]?.source).not.toContain('List-Unsubscribe')
  })

  const replying = (responseCode: number) => Object.assign(new Error('lucia@x.example is not here'), { responseCode })
  it.each([
    ['refuses the recipient', { onRcptTo: (_to, _session, done) => done(replying(550)) }, { kind: 'permanent', code: 'MAIL_REFUSED_550' }],
    ['does not want the recipient yet', { onRcptTo: (_to, _session, done) => done(replying(451)) }, { kind: 'temporary', code: 'MAIL_DEFERRED_451' }],
    [
      'refuses the mail',
      { onData: (stream, _session, done) => stream.resume().on('end', () => done(replying(554))) },
      { kind: 'permanent', code: 'MAIL_REFUSED_554' },
    ],
    [
      'does not let us in',
      { onAuth: (_auth, _session, done) => done(new Error('Invalid login')), authOptional: false, allowInsecureAuth: true },
      { kind: 'temporary', code: 'MAIL_AUTH' },
    ],
  ] as [string, SMTPServerOptions, object][])('to a server that %s', async (_what, options, outcome) => {
    const { port, mails } = await outside.startMailServer(options)
    expect([await mailer(port, options.onAuth ? 'u:p@' : '').send(await message()), mails]).toEqual([outcome, []])
  })

  it('to a server that is away is tried again', async () => {
    expect(await mailer(await takePort()).send(await message())).toEqual({ kind: 'temporary', code: 'MAIL_UNREACHABLE' })
  })
})
