import type { ChangeShiftInput, PlanShiftInput, ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import type { Shift } from './roster-week.ts'

/** A shift while somebody writes it. Empty texts are what is left out. */
export type ShiftDraft = {
  readonly date: string
  readonly staffId: string
  readonly templateId: string
  readonly start: string
  readonly end: string
  readonly breakStart: string
  readonly breakEnd: string
  readonly position: string
  readonly note: string
}

type Start = { shift: Shift | null; date: string; staffId: string | null }
type Template = ShiftTemplateFieldsFragment
type Someone = { readonly id: string; readonly position: string }

/** What the form begins with: the shift as it is, or a kind that fits the person. */
export function draftOf({ shift, date, staffId }: Start, people: readonly Someone[], templates: readonly Template[]): ShiftDraft {
  if (shift !== null) {
    const { template, position, note } = shift
    return { date: shift.date, staffId: shift.staff?.id ?? '', templateId: template?.id ?? '', ...timesOf(shift), position, note: note ?? '' }
  }
  const position = people.find(({ id }) => id === staffId)?.position
  const template = position === undefined ? templates[0] : templates.find((one) => one.position === position)
  const blank = { date, staffId: staffId ?? '', templateId: '', start: '09:00', end: '17:00', breakStart: '', breakEnd: '', note: '' }
  return template ? fromTemplate({ ...blank, position: template.position }, template) : { ...blank, position: position ?? 'veterinarian' }
}

/** The draft with the times and the position of a kind of shift. */
export function fromTemplate(draft: ShiftDraft, template: Template): ShiftDraft {
  return { ...draft, templateId: template.id, ...timesOf(template), position: template.position }
}

type Times = { readonly start: string; readonly end: string; readonly breakStart: string | null; readonly breakEnd: string | null }

/** Times as a form holds them. It knows no 24:00; an end at 00:00 lies on the next day, which is the same moment. */
export function timesOf({ start, end, breakStart, breakEnd }: Times) {
  const clock = (time: string | null) => (time === '24:00' ? '00:00' : (time ?? ''))
  return { start, end: clock(end), breakStart: clock(breakStart), breakEnd: clock(breakEnd) }
}

export function isComplete({ start, end, breakStart, breakEnd }: ShiftDraft): boolean {
  return start !== '' && end !== '' && (breakStart === '') === (breakEnd === '')
}

export function planOf(draft: ShiftDraft): PlanShiftInput {
  return { ...common(draft), templateId: draft.templateId || null }
}

export function changeOf({ id, version }: Shift, draft: ShiftDraft): ChangeShiftInput {
  return { ...common(draft), id, version }
}

function common({ date, staffId, start, end, breakStart, breakEnd, position, note }: ShiftDraft) {
  return { date, staffId: staffId || null, start, end, breakStart: breakStart || null, breakEnd: breakEnd || null, position, note: note.trim() || null }
}
