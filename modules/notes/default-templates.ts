import type { Locale } from '../kernel/actor.ts'

/** Kinds of note, as the database's CHECK knows them. */
export const NOTE_KINDS = ['soap', 'progress', 'consultation', 'procedure', 'phone'] as const
export type NoteKind = (typeof NOTE_KINDS)[number]

export type DefaultTemplate = { readonly kind: NoteKind; readonly locale: Locale; readonly name: string; readonly body: string }

/** What every organisation starts with, in both languages. */
export const DEFAULT_TEMPLATES: readonly DefaultTemplate[] = [
  {
    kind: 'soap',
    locale: 'es-MX',
    name: 'Nota SOAP',
    body: `Subjetivo
Motivo de consulta:
Historia y evolución:
Apetito, agua, orina y heces:

Objetivo
Peso (kg):            Condición corporal (1-9):
Temperatura (°C):     FC (lpm):     FR (rpm):     TLLC (s):
Mucosas e hidratación:
Exploración por sistemas:

Análisis
Problemas:
Diagnósticos diferenciales:

Plan
Estudios:
Tratamiento (fármaco, dosis, vía, frecuencia, duración):
Indicaciones al tutor:
Próxima revisión:`,
  },
  {
    kind: 'progress',
    locale: 'es-MX',
    name: 'Nota de evolución',
    body: `Evolución desde la última nota:
Constantes (peso, temperatura, FC, FR):
Respuesta al tratamiento:
Cambios en el plan:
Próxima revisión:`,
  },
  {
    kind: 'consultation',
    locale: 'es-MX',
    name: 'Consulta general',
    body: `Motivo de consulta:
Antecedentes relevantes (vacunas, desparasitación, alergias):
Exploración física:
Diagnóstico presuntivo:
Tratamiento e indicaciones:
Seguimiento:`,
  },
  {
    kind: 'phone',
    locale: 'es-MX',
    name: 'Llamada telefónica',
    body: `Quién llama y teléfono:
Motivo:
Lo que se informó:
Indicaciones dadas:
¿Requiere cita o urgencia?:`,
  },
  {
    kind: 'soap',
    locale: 'en',
    name: 'SOAP note',
    body: `Subjective
Presenting complaint:
History and course:
Appetite, water, urine and stool:

Objective
Weight (kg):          Body condition score (1-9):
Temperature (°C):     HR (bpm):     RR (/min):     CRT (s):
Mucous membranes and hydration:
Examination by system:

Assessment
Problems:
Differential diagnoses:

Plan
Diagnostics:
Treatment (drug, dose, route, frequency, duration):
Instructions to the owner:
Next check:`,
  },
  {
    kind: 'progress',
    locale: 'en',
    name: 'Progress note',
    body: `Course since the last note:
Vital signs (weight, temperature, HR, RR):
Response to treatment:
Changes to the plan:
Next check:`,
  },
  {
    kind: 'consultation',
    locale: 'en',
    name: 'General consultation',
    body: `Presenting complaint:
Relevant history (vaccines, parasite control, allergies):
Physical examination:
Presumptive diagnosis:
Treatment and instructions:
Follow-up:`,
  },
  {
    kind: 'phone',
    locale: 'en',
    name: 'Phone call',
    body: `Caller and number:
Reason:
What was reported:
Instructions given:
Appointment or emergency needed?:`,
  },
]
