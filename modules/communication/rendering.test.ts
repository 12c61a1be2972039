import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOCALES } from '../kernel/actor.ts'
import { findDefaultTemplate } from './default-templates.ts'
import { assertPlaceholders, render, toHtml, valuesOf } from './rendering.ts'
import { isStaffCode, PLACEHOLDERS, TEMPLATE_CODES, TEXT_CHANNELS } from './vocabulary.ts'

const body = (text: string) => ({ subject: null, body: text })

describe('a text', () => {
  it('is filled, with blanks inside the braces or without', () => {
    const text = { subject: '{{patientName}} at {{ clinicName }}', body: 'Hi {{clientName}}{{staffName}}!' }
    expect(render(text, { patientName: 'Milo', clinicName: 'Centro', clientName: 'Luz' })).toEqual({ subject: 'Milo at Centro', body: 'Hi Luz!' })
  })

  it('is not filled twice: a name that looks like a placeholder stays one', () => {
    expect(render(body('{{clientName}}'), { clientName: '{{patientName}}', patientName: 'Milo' }).body).toBe('{{patientName}}')
  })

  it('keeps its subject on one line, whatever a name holds', () => {
    expect(render({ subject: 'For {{patientName}}', body: '' }, { patientName: 'Milo\r\nBcc: all@x.example' }).subject).toBe('For Milo Bcc: all@x.example')
  })

  it.each([
    ['{{surname}}', 'surname', 'body'],
    ['{{clientName.x}}', 'clientName.x', 'body'],
    ['{{- clientName}}', '- clientName', 'body'],
    ['{{}}', '', 'body'],
  ])('that names %s is refused by name', (text, name, path) => {
    expect(() => assertPlaceholders('appointment_reminder', body(text))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PLACEHOLDER', params: expect.objectContaining({ name, path }) }),
    )
  })

  it('is refused in its subject too, and for a value of other messages', () => {
    const text = { subject: '{{expires}}', body: 'x' }
    expect(() => assertPlaceholders('booking_moved', text)).toThrow(
      expect.objectContaining({ params: expect.objectContaining({ name: 'expires', path: 'subject' }) }),
    )
    expect(() => assertPlaceholders('waitlist_offer', text)).not.toThrow()
  })

  it.each(['{{clientName', 'clientName}}', '{{{clientName}}}', '{{ {clientName} }}'])('with loose braces is refused: %s', (text) => {
    expect(() => assertPlaceholders('appointment_reminder', body(text))).toThrow()
  })

  it.each(['request_declined', 'request_expired'])('of %s says nothing that a stranger has typed for a name', (code) => {
    const typed = { clientName: 'Buy now', recipientName: 'Buy now', patientName: 'Cheap pills', clinicName: 'Centro' }
    expect(valuesOf(code, typed)).toEqual({ clinicName: 'Centro' })
    expect(() => assertPlaceholders(code, body('Hi {{clientName}}'))).toThrow(expect.objectContaining({ code: 'UNKNOWN_PLACEHOLDER' }))
    expect(valuesOf('request_confirmed', typed)).toEqual({ clientName: 'Buy now', patientName: 'Cheap pills', clinicName: 'Centro' })
  })

  it('becomes HTML in which nothing of a name is markup', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const html = toHtml(render(body('Hi {{clientName}},\n\n{{patientName}} waits.'), { clientName: name, patientName: `<b onclick="x">${name}'` }).body)
        expect(html.replaceAll(/<\/?p>|<br>/g, '')).not.toMatch(/[<>"']/)
      }),
    )
  })
})

describe('the texts of the product', () => {
  const all = TEMPLATE_CODES.flatMap((code) => TEXT_CHANNELS.flatMap((channel) => LOCALES.map((locale) => ({ code, channel, locale }))))
  const given = all.flatMap((one) => {
    const text = findDefaultTemplate(one.code, one.channel, one.locale)
    return text === null ? [] : [{ ...one, text }]
  })

  it('are for every channel of clients, and by mail for people who work here', () => {
    expect(given.map(({ code, channel, locale }) => `${code} ${channel} ${locale}`)).toEqual(
      all.filter(({ code, channel }) => channel === 'mail' || !isStaffCode(code)).map(({ code, channel, locale }) => `${code} ${channel} ${locale}`),
    )
  })

  it.each(given)('$code by $channel in $locale can be sent', ({ code, channel, text }) => {
    expect(text.subject === null).toBe(channel === 'sms')
    expect(() => assertPlaceholders(code, text)).not.toThrow()
    const filled = render(text, Object.fromEntries(PLACEHOLDERS.map((name) => [name, name.toUpperCase()])))
    expect(filled.body).toContain('CLINICNAME')
    expect(JSON.stringify(filled)).not.toMatch(/[{}]{2}/)
    // Two segments of a text message in the alphabet that has accents.
    if (channel === 'sms') expect(filled.body.length).toBeLessThan(134)
  })

  it('differ between the languages', () => {
    const bodies = new Map(given.map(({ code, channel, locale, text }) => [`${code} ${channel} ${locale}`, text.body]))
    for (const { code, channel, locale, text } of given) if (locale === 'en') expect(text.body).not.toBe(bodies.get(`${code} ${channel} es-MX`))
  })
})
