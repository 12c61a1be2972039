import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LOCALES } from '../kernel/actor.ts'
import { findDefaultTemplate } from './default-templates.ts'
import { assertPlaceholders, render, toHtml } from './rendering.ts'
import { PLACEHOLDERS, TEMPLATE_CODES, TEXT_CHANNELS } from './vocabulary.ts'

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
  const all = TEMPLATE_CODES.flatMap((code) => TEXT_CHANNELS.flatMap((channel) => LOCALES.map((locale) => [code, channel, locale] as const)))
  it.each(all)('%s by %s in %s can be sent', (code, channel, locale) => {
    const text = findDefaultTemplate(code, channel, locale)
    expect(text.subject === null).toBe(channel === 'sms')
    expect(() => assertPlaceholders(code, text)).not.toThrow()
    const filled = render(text, Object.fromEntries(PLACEHOLDERS.map((name) => [name, name.toUpperCase()])))
    expect(filled.body).toContain('CLINICNAME')
    expect(JSON.stringify(filled)).not.toMatch(/[{}]{2}/)
    // Two segments of a text message in the alphabet that has accents.
    if (channel === 'sms') expect(filled.body.length).toBeLessThan(134)
  })

  it('differ between the languages', () => {
    for (const code of TEMPLATE_CODES)
      for (const channel of TEXT_CHANNELS) expect(findDefaultTemplate(code, channel, 'en').body).not.toBe(findDefaultTemplate(code, channel, 'es-MX').body)
  })
})
