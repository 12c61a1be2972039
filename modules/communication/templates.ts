import { z } from 'zod'
import { type ClinicActor, LOCALES, type Locale, toLocale } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { invalid, NotFoundError, StaleVersionError } from '../kernel/errors.ts'
import { line, text, validate } from '../kernel/validate.ts'
import { findDefaultTemplate } from './default-templates.ts'
import { messageTemplates } from './records.ts'
import { assertPlaceholders, findUnknownPlaceholders, render, type TemplateText, toHtml, type Values } from './rendering.ts'
import { isTemplateCode, placeholdersOf, TEMPLATE_CODES, TEXT_CHANNELS, type TextChannel, toTextChannel } from './vocabulary.ts'

/** The text of a message as it is sent now: the organisation's own, or the product's. */
export type EffectiveTemplate = TemplateText & {
  readonly code: string
  readonly channel: TextChannel
  readonly locale: Locale
  readonly placeholders: readonly string[]
  /** Null: the product's own text. */
  readonly own: { readonly id: string; readonly version: number } | null
}

/** Which text it is. */
export type TemplateKey = { readonly code: string; readonly channel: string; readonly locale: string }

/** Every text that the organisation sends, by code, channel and language; those that it has written itself beside the product's. */
export async function listTemplates(db: Db, actor: ClinicActor): Promise<EffectiveTemplate[]> {
  const own = messageTemplates.take(db, await db.prisma.messageTemplate.findMany({ where: { organisationId: actor.organisationId } }))
  const written = own.map((row): EffectiveTemplate => {
    const { code, channel, locale, subject, body } = { ...row, channel: toTextChannel(row.channel), locale: toLocale(row.locale) }
    return { code, channel, locale, subject, body, placeholders: placeholdersOf(code), own: { id: row.id, version: row.version } }
  })
  const isWritten = (code: string, channel: string, locale: string) =>
    written.some((row) => row.code === code && row.channel === channel && row.locale === locale)
  const given = TEMPLATE_CODES.flatMap((code) =>
    TEXT_CHANNELS.flatMap((channel) =>
      LOCALES.filter((locale) => !isWritten(code, channel, locale)).flatMap((locale): EffectiveTemplate[] => {
        const text = findDefaultTemplate(code, channel, locale)
        return text === null ? [] : [{ code, channel, locale, ...text, placeholders: placeholdersOf(code), own: null }]
      }),
    ),
  )
  return [...written, ...given].sort((a, b) => orderOf(a).localeCompare(orderOf(b), 'en'))
}

function orderOf({ code, channel, locale }: EffectiveTemplate): string {
  const place = isTemplateCode(code) ? TEMPLATE_CODES.indexOf(code) : TEMPLATE_CODES.length
  return `${place} ${code} ${channel} ${locale}`
}

/**
 * The text of a message in a language; where an organisation's own code has none there, its text in the other language. Null when
 * there is none at all.
 */
export async function findTemplate(db: Db, actor: ClinicActor, wanted: { code: string; channel: TextChannel; locale: Locale }): Promise<TemplateText | null> {
  const { code, channel, locale } = wanted
  const rows = messageTemplates.take(db, await db.prisma.messageTemplate.findMany({ where: { organisationId: actor.organisationId, code, channel } }))
  const own = rows.find((row) => row.locale === locale)
  if (own) return { subject: own.subject, body: own.body }
  if (isTemplateCode(code)) return findDefaultTemplate(code, channel, locale)
  const [other] = rows
  return other ? { subject: other.subject, body: other.body } : null
}

const SMS_LENGTH = 600
const saveSchema = z.object({
  code: z.string().regex(/^[a-z][a-z0-9_]{2,39}$/, 'must be a code such as surgery_reminder'),
  channel: z.enum(TEXT_CHANNELS),
  locale: z.string().pipe(z.enum(LOCALES)),
  subject: line(200).nullish(),
  body: text(5_000),
  /** Of the text that is replaced; left out for a first one. */
  version: z.int().nullish(),
})
export type SavedTemplate = z.input<typeof saveSchema>

/** Checks a text. Throws UnknownPlaceholderError, or InvalidInputError for a mail without a subject and a text message with one or that is too long. */
function checkTemplate(input: Omit<SavedTemplate, 'version'>) {
  const template = validate(saveSchema, input)
  const subject = template.subject ?? null
  if ((template.channel === 'mail') !== (subject !== null)) throw invalid('subject', 'subject_of_mail', 'must be given for mail, and for nothing else')
  if (template.channel === 'sms' && template.body.length > SMS_LENGTH) throw invalid('body', 'too_big', `must be at most ${SMS_LENGTH} characters`)
  assertPlaceholders(template.code, { subject, body: template.body })
  return { code: template.code, channel: template.channel, locale: template.locale, subject, body: template.body }
}

/**
 * Writes the organisation's own text of a message, in place of the product's or of the one before. A code that the product does not know is
 * one for rules to name. Throws what checkTemplate throws, and StaleVersionError when the text has changed meanwhile.
 */
export async function saveMessageTemplate(tx: Tx, actor: ClinicActor, input: SavedTemplate): Promise<{ id: string }> {
  const { code, channel, locale, subject, body } = checkTemplate(input)
  const key = { organisationId: actor.organisationId, code, channel, locale }
  const [current] = await tx.prisma.messageTemplate.findMany({ where: key, select: { id: true, version: true } })
  if (current) {
    const { count } = await tx.prisma.messageTemplate.updateMany({
      where: { ...key, version: input.version ?? -1 },
      data: { subject, body, version: { increment: 1 } },
    })
    if (count === 0) throw new StaleVersionError('MessageTemplate', current.version)
    tx.changes('MessageTemplate', [current.id], ['body', 'subject'])
    return { id: current.id }
  }
  const [row] = await tx.prisma.messageTemplate.createManyAndReturn({ data: [{ ...key, subject, body }], skipDuplicates: true, select: { id: true } })
  // Somebody else has just written the first one.
  if (!row) throw new StaleVersionError('MessageTemplate', 1)
  tx.changes('MessageTemplate', [row.id], ['body', 'channel', 'code', 'locale', 'subject'])
  return { id: row.id }
}

/** Gives up an organisation's own text: the product's is sent again. Throws NotFoundError when there is none, or it is not the product's to replace. */
export async function resetMessageTemplate(tx: Tx, actor: ClinicActor, { id }: { readonly id: string }): Promise<TemplateKey> {
  const [row] = await tx.prisma.messageTemplate.findMany({
    where: { organisationId: actor.organisationId, id },
    select: { code: true, channel: true, locale: true },
  })
  if (!row) throw new NotFoundError('MessageTemplate')
  const isNamed =
    !isTemplateCode(row.code) &&
    (await tx.prisma.messageRule.count({ where: { organisationId: actor.organisationId, templateCode: row.code, isActive: true } })) > 0
  if (isNamed) throw invalid('id', 'in_use', 'is the text of a rule that is in force: change the rule first')
  await tx.prisma.messageTemplate.deleteMany({ where: { organisationId: actor.organisationId, id } })
  tx.changes('MessageTemplate', [id], ['deleted'])
  return row
}

const SAMPLES: Readonly<Record<Locale, Values>> = {
  'es-MX': {
    clientName: 'Lucía Hernández',
    patientName: 'Firulais',
    staffName: 'Dra. Ana Torres',
    typeName: 'Consulta',
    date: 'lunes, 5 de enero de 2026',
    time: '10:30',
    expires: '5 de enero, 12:00',
    recipientName: 'Diego Ramírez',
    credentialType: 'Cédula profesional',
    shifts: 'lunes, 5 de enero de 2026, 09:00 – 17:00',
    until: 'viernes, 9 de enero de 2026',
    reason: 'Gracias por avisar.',
  },
  en: {
    clientName: 'Lucía Hernández',
    patientName: 'Firulais',
    staffName: 'Dr Ana Torres',
    typeName: 'Checkup',
    date: 'Monday, January 5, 2026',
    time: '10:30 AM',
    expires: 'January 5, 12:00 PM',
    recipientName: 'Diego Ramírez',
    credentialType: 'DEA registration',
    shifts: 'Monday, January 5, 2026, 9:00 AM – 5:00 PM',
    until: 'Friday, January 9, 2026',
    reason: 'Thank you for telling us.',
  },
}

export type PreviewInput = {
  readonly code: string
  readonly channel: TextChannel
  readonly locale: Locale
  readonly subject: string | null
  readonly body: string
}
export type Preview = { readonly subject: string | null; readonly text: string; readonly html: string | null; readonly unknownPlaceholders: readonly string[] }

/** How a text will look, filled with made-up values and the clinic's name; what could not be filled is named beside it. */
export function previewTemplate(actor: ClinicActor, { code, channel, locale, subject, body }: PreviewInput): Preview {
  const filled = render({ subject: channel === 'mail' ? subject : null, body }, { ...SAMPLES[locale], clinicName: actor.clinic.name })
  const html = channel === 'mail' ? toHtml(filled.body) : null
  return { subject: filled.subject, text: filled.body, html, unknownPlaceholders: findUnknownPlaceholders(code, `${subject ?? ''} ${body}`) }
}
