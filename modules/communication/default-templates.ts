import type { Locale } from '../kernel/actor.ts'
import type { TemplateText } from './rendering.ts'
import { staffMail } from './staff-templates.ts'
import { type ClientCode, isStaffCode, type TemplateCode, type TextChannel } from './vocabulary.ts'

type Texts = { readonly mail: readonly [subject: string, body: string]; readonly sms: string }

const SPANISH: Readonly<Record<ClientCode, Texts>> = {
  appointment_reminder: {
    mail: [
      'Recordatorio: cita de {{patientName}} el {{date}}',
      'Hola, {{clientName}}:\n\nLe recordamos la cita de {{patientName}} en {{clinicName}} el {{date}} a las {{time}}: {{typeName}}, con {{staffName}}.\n\nSi no puede venir, avísenos por favor lo antes posible.',
    ],
    sms: '{{clinicName}}: le recordamos la cita de {{patientName}} el {{date}} a las {{time}}.',
  },
  booking_confirmed: {
    mail: [
      'Cita de {{patientName}} el {{date}}',
      'Hola, {{clientName}}:\n\nLa cita de {{patientName}} en {{clinicName}} quedó agendada para el {{date}} a las {{time}}: {{typeName}}, con {{staffName}}.\n\nLe esperamos.',
    ],
    sms: '{{clinicName}}: cita de {{patientName}} agendada, {{date}}, {{time}}.',
  },
  booking_moved: {
    mail: [
      'Nueva fecha para la cita de {{patientName}}: {{date}}',
      'Hola, {{clientName}}:\n\nLa cita de {{patientName}} en {{clinicName}} cambió. La nueva fecha es el {{date}} a las {{time}}: {{typeName}}, con {{staffName}}.\n\nSi no le conviene, avísenos por favor.',
    ],
    sms: '{{clinicName}}: la cita de {{patientName}} cambió al {{date}} a las {{time}}.',
  },
  booking_cancelled: {
    mail: [
      'Cita de {{patientName}} cancelada',
      'Hola, {{clientName}}:\n\nLa cita de {{patientName}} en {{clinicName}} del {{date}} a las {{time}} fue cancelada.\n\nLlámenos cuando guste para agendar otra.',
    ],
    sms: '{{clinicName}}: la cita de {{patientName}} del {{date}} a las {{time}} fue cancelada.',
  },
  waitlist_offer: {
    mail: [
      'Se liberó un horario para {{patientName}}: {{date}}, {{time}}',
      'Hola, {{clientName}}:\n\nEn {{clinicName}} se liberó un horario para {{patientName}} el {{date}} a las {{time}} ({{typeName}}).\n\nLo apartamos para usted hasta {{expires}}. Llámenos si lo quiere.',
    ],
    sms: '{{clinicName}}: horario libre para {{patientName}}, {{date}} {{time}}. Apartado hasta {{expires}}.',
  },
  request_confirmed: {
    mail: [
      'Cita confirmada: {{patientName}}, {{date}}',
      'Hola, {{clientName}}:\n\nConfirmamos la cita que solicitó: {{patientName}} en {{clinicName}} el {{date}} a las {{time}}, {{typeName}}, con {{staffName}}.\n\nLe esperamos.',
    ],
    sms: '{{clinicName}}: cita de {{patientName}} confirmada, {{date}}, {{time}}.',
  },
  request_declined: {
    mail: [
      'Sobre su solicitud de cita',
      'Hola:\n\nLamentablemente {{clinicName}} no puede ofrecerle la cita que solicitó para el {{date}} a las {{time}}.\n\nLlámenos por favor y buscamos otro horario.',
    ],
    sms: '{{clinicName}}: no podemos ofrecerle la cita que solicitó. Llámenos y buscamos otro horario.',
  },
  request_expired: {
    mail: [
      'Su solicitud de cita venció',
      'Hola:\n\n{{clinicName}} no alcanzó a responder su solicitud de cita para el {{date}} a las {{time}}, y el horario ya no está apartado.\n\nLlámenos por favor o elija otro horario.',
    ],
    sms: '{{clinicName}}: no alcanzamos a responder su solicitud de cita y el horario ya no está apartado. Llámenos por favor.',
  },
}

const ENGLISH: Readonly<Record<ClientCode, Texts>> = {
  appointment_reminder: {
    mail: [
      'Reminder: {{patientName}} on {{date}}',
      'Hello {{clientName}},\n\nThis is a reminder of the visit of {{patientName}} to {{clinicName}} on {{date}} at {{time}}: {{typeName}}, with {{staffName}}.\n\nIf you cannot come, please tell us as soon as you can.',
    ],
    sms: '{{clinicName}}: a reminder of the visit of {{patientName}} on {{date}} at {{time}}.',
  },
  booking_confirmed: {
    mail: [
      'Visit of {{patientName}} on {{date}}',
      'Hello {{clientName}},\n\nThe visit of {{patientName}} to {{clinicName}} is booked for {{date}} at {{time}}: {{typeName}}, with {{staffName}}.\n\nWe look forward to seeing you.',
    ],
    sms: '{{clinicName}}: visit of {{patientName}} booked for {{date}}, {{time}}.',
  },
  booking_moved: {
    mail: [
      'New date for the visit of {{patientName}}: {{date}}',
      'Hello {{clientName}},\n\nThe visit of {{patientName}} to {{clinicName}} has moved. It is now on {{date}} at {{time}}: {{typeName}}, with {{staffName}}.\n\nIf that does not suit you, please tell us.',
    ],
    sms: '{{clinicName}}: the visit of {{patientName}} has moved to {{date}}, {{time}}.',
  },
  booking_cancelled: {
    mail: [
      'Visit of {{patientName}} cancelled',
      'Hello {{clientName}},\n\nThe visit of {{patientName}} to {{clinicName}} on {{date}} at {{time}} has been cancelled.\n\nCall us whenever you like to book another one.',
    ],
    sms: '{{clinicName}}: the visit of {{patientName}} on {{date}}, {{time}}, is cancelled.',
  },
  waitlist_offer: {
    mail: [
      'A time has become free for {{patientName}}: {{date}}, {{time}}',
      'Hello {{clientName}},\n\nA time has become free at {{clinicName}} for {{patientName}}: {{date}} at {{time}} ({{typeName}}).\n\nWe keep it for you until {{expires}}. Call us if you would like it.',
    ],
    sms: '{{clinicName}}: free time for {{patientName}}, {{date}} {{time}}. Kept until {{expires}}.',
  },
  request_confirmed: {
    mail: [
      'Visit confirmed: {{patientName}}, {{date}}',
      'Hello {{clientName}},\n\nThe visit that you asked for is confirmed: {{patientName}} at {{clinicName}} on {{date}} at {{time}}, {{typeName}}, with {{staffName}}.\n\nWe look forward to seeing you.',
    ],
    sms: '{{clinicName}}: visit of {{patientName}} confirmed, {{date}}, {{time}}.',
  },
  request_declined: {
    mail: [
      'About your request for a visit',
      'Hello,\n\nUnfortunately {{clinicName}} cannot offer the visit that you asked for, on {{date}} at {{time}}.\n\nPlease call us and we will find another time.',
    ],
    sms: '{{clinicName}}: we cannot offer the visit that you asked for. Please call us for another time.',
  },
  request_expired: {
    mail: [
      'Your request for a visit has expired',
      'Hello,\n\n{{clinicName}} did not get to answer your request for a visit on {{date}} at {{time}} in time, and the time is no longer kept for you.\n\nPlease call us or choose another time.',
    ],
    sms: '{{clinicName}}: we did not get to answer your request for a visit in time, and it is no longer kept. Please call us.',
  },
}

/** The product's own text of a message. Null where there is none: people who work here get no text messages. */
export function findDefaultTemplate(code: TemplateCode, channel: TextChannel, locale: Locale): TemplateText | null {
  if (isStaffCode(code)) return channel === 'mail' ? staffMail(code, locale) : null
  const texts = (locale === 'en' ? ENGLISH : SPANISH)[code]
  const [subject, body] = texts.mail
  return channel === 'mail' ? { subject, body } : { subject: null, body: texts.sms }
}
