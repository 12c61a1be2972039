import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { showProblem, showUndo } from '../scheduling/undo-toast.tsx'
import { ChangeShift, ShiftFields } from './roster-documents.ts'
import type { Shift } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type Place = { date: string; staffId: string | null }

/** Gives a shift another day or person, with eight seconds to take it back. */
export function useMoveShift(): { move: (shift: Shift, to: Place) => Promise<void> } {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const { run } = useCommand(ChangeShift, (data) => data.changeShift)

  async function apply({ id, version }: Shift, to: Place): Promise<Shift | null> {
    const { payload, failure } = await run({ input: { id, version, ...to } })
    if (payload?.__typename === 'RosterShift') return readFragment(ShiftFields, payload)
    showProblem(textOf(payload === null ? failure : refusal(payload)))
    return null
  }

  async function move(shift: Shift, to: Place): Promise<void> {
    const home = { date: shift.date, staffId: shift.staff?.id ?? null }
    if (home.date === to.date && home.staffId === to.staffId) return
    const moved = await apply(shift, to)
    if (moved === null) return
    const message = t('shift.moved', { name: moved.staff?.name ?? t('open.name'), day: texts.day(moved.date) })
    showUndo(message, t('undo'), () => void apply(moved, home))
  }
  return { move }
}
