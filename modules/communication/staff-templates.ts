import type { Locale } from '../kernel/actor.ts'
import type { StaffCode } from './vocabulary.ts'

type Mail = readonly [subject: string, body: string]

const SPANISH: Readonly<Record<StaffCode, Mail>> = {
  credential_expiring: [
    'Vence el {{date}}: {{credentialType}}',
    'Hola, {{recipientName}}:\n\nEste documento suyo vence el {{date}}: {{credentialType}}.\n\nCuando lo haya renovado, avise en {{clinicName}} para que quede registrado.',
  ],
  roster_published: [
    'Sus turnos de la semana del {{date}}',
    'Hola, {{recipientName}}:\n\n{{clinicName}} publicó los turnos de la semana del {{date}}. Los suyos:\n\n{{shifts}}',
  ],
  roster_changed: [
    'Cambiaron sus turnos de la semana del {{date}}',
    'Hola, {{recipientName}}:\n\n{{clinicName}} cambió sus turnos de la semana del {{date}}. Ahora son:\n\n{{shifts}}',
  ],
  swap_asked: [
    '{{staffName}} le pide un cambio de turno',
    'Hola, {{recipientName}}:\n\n{{staffName}} le pide un cambio de turno en {{clinicName}}:\n\n{{shifts}}\n\n{{reason}}\n\nConteste en Chiron si lo acepta.',
  ],
  swap_accepted: [
    '{{staffName}} acepta el cambio de turno',
    'Hola, {{recipientName}}:\n\n{{staffName}} acepta el cambio de turno que usted pidió en {{clinicName}}:\n\n{{shifts}}\n\nEl turno sigue siendo suyo hasta que se apruebe el cambio.',
  ],
  swap_approved: [
    'Cambio de turno aprobado',
    'Hola, {{recipientName}}:\n\nSe aprobó su cambio de turno con {{staffName}} en {{clinicName}}:\n\n{{shifts}}\n\n{{reason}}',
  ],
  swap_refused: [
    'Cambio de turno rechazado',
    'Hola, {{recipientName}}:\n\nEl cambio de turno en {{clinicName}} no se hará; todo queda como estaba:\n\n{{shifts}}\n\nMotivo: {{reason}}',
  ],
  time_off_approved: [
    'Ausencia aprobada desde el {{date}}',
    'Hola, {{recipientName}}:\n\n{{clinicName}} aprobó su ausencia desde el {{date}} hasta el {{until}}.',
  ],
  time_off_refused: [
    'Ausencia no aprobada: {{date}}',
    'Hola, {{recipientName}}:\n\n{{clinicName}} no aprobó su ausencia desde el {{date}} hasta el {{until}}.\n\nMotivo: {{reason}}',
  ],
}

const ENGLISH: Readonly<Record<StaffCode, Mail>> = {
  credential_expiring: [
    '{{credentialType}} expires on {{date}}',
    'Hello {{recipientName}},\n\nThis credential of yours expires on {{date}}: {{credentialType}}.\n\nOnce you have renewed it, please tell {{clinicName}}, so that it is recorded.',
  ],
  roster_published: [
    'Your shifts of the week of {{date}}',
    'Hello {{recipientName}},\n\n{{clinicName}} has published the shifts of the week of {{date}}. Yours are:\n\n{{shifts}}',
  ],
  roster_changed: [
    'Your shifts of the week of {{date}} have changed',
    'Hello {{recipientName}},\n\n{{clinicName}} has changed your shifts of the week of {{date}}. They are now:\n\n{{shifts}}',
  ],
  swap_asked: [
    '{{staffName}} asks you to swap a shift',
    'Hello {{recipientName}},\n\n{{staffName}} asks you to swap a shift at {{clinicName}}:\n\n{{shifts}}\n\n{{reason}}\n\nPlease answer in Chiron.',
  ],
  swap_accepted: [
    '{{staffName}} accepts the swap',
    'Hello {{recipientName}},\n\n{{staffName}} accepts the swap that you asked for at {{clinicName}}:\n\n{{shifts}}\n\nThe shift stays yours until the swap is approved.',
  ],
  swap_approved: ['Swap approved', 'Hello {{recipientName}},\n\nYour swap with {{staffName}} at {{clinicName}} has been approved:\n\n{{shifts}}\n\n{{reason}}'],
  swap_refused: [
    'Swap refused',
    'Hello {{recipientName}},\n\nThe swap at {{clinicName}} will not happen; everything stays as it was:\n\n{{shifts}}\n\nReason: {{reason}}',
  ],
  time_off_approved: ['Time off approved from {{date}}', 'Hello {{recipientName}},\n\n{{clinicName}} has approved your time off from {{date}} to {{until}}.'],
  time_off_refused: [
    'Time off refused: {{date}}',
    'Hello {{recipientName}},\n\n{{clinicName}} has not approved your time off from {{date}} to {{until}}.\n\nReason: {{reason}}',
  ],
}

/** The product's own mail to a person who works here; they are written to by no other channel. */
export function staffMail(code: StaffCode, locale: Locale): { readonly subject: string; readonly body: string } {
  const [subject, body] = (locale === 'en' ? ENGLISH : SPANISH)[code]
  return { subject, body }
}
