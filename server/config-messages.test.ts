import { describe, expect, it } from 'vitest'
import { parseMessaging } from './config-messages.ts'

const SMTP = { SMTP_URL: 'smtp://127.0.0.1:2525', MAIL_FROM: 'Chiron <chiron@clinic.example>' }
const TWILIO = { TWILIO_ACCOUNT_SID: `AC${'0a'.repeat(16)}`, TWILIO_AUTH_TOKEN: 'secret-of-twilio', TWILIO_FROM: '+525512345678' }

describe('parseMessaging', () => {
  it('without settings sends nothing', () => {
    expect(parseMessaging({})).toEqual({ mail: null, sms: null })
  })

  it('reads mail and text messages', () => {
    const { mail, sms } = parseMessaging({ ...SMTP, ...TWILIO, TWILIO_API_URL: 'http://127.0.0.1:1' })
    expect(mail).toEqual({ from: 'chiron@clinic.example', server: { host: '127.0.0.1', port: 2525, security: 'none', login: null } })
    expect(sms).toEqual({ accountSid: TWILIO.TWILIO_ACCOUNT_SID, authToken: 'secret-of-twilio', from: '+525512345678', apiUrl: 'http://127.0.0.1:1' })
    expect(parseMessaging({ ...TWILIO, TWILIO_FROM: `MG${'0a'.repeat(16)}` }).sms?.apiUrl).toBeNull()
  })

  it.each([
    ['a server without a sender', { SMTP_URL: SMTP.SMTP_URL }, /SMTP_URL and MAIL_FROM/],
    ['a sender without a server', { MAIL_FROM: SMTP.MAIL_FROM }, /SMTP_URL and MAIL_FROM/],
    ['a sender that is none', { ...SMTP, MAIL_FROM: 'Chiron' }, /MAIL_FROM must be/],
    ['half an account', { TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: 'x' }, /belong together/],
    ['an address without an account', { TWILIO_API_URL: 'http://127.0.0.1:1' }, /no account/],
    ['an account of another shape', { ...TWILIO, TWILIO_ACCOUNT_SID: 'AC1' }, /TWILIO_ACCOUNT_SID/],
    ['a number without a country', { ...TWILIO, TWILIO_FROM: '5512345678' }, /TWILIO_FROM/],
  ])('refuses %s', (_what, env, message) => {
    expect(() => parseMessaging(env)).toThrow(message)
  })

  it('repeats no secret', () => {
    expect(() => parseMessaging({ ...TWILIO, TWILIO_FROM: 'x' })).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret-of-twilio') }))
  })
})
