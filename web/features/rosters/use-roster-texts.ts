import { useTranslation } from 'react-i18next'
import type { ShiftFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useMinutesText } from '../scheduling/use-minutes-text.ts'
import type { Week } from './roster-week.ts'

type Times = Pick<ShiftFieldsFragment, 'start' | 'end'> & { endsNextDay?: boolean }

/** Shifts, needs and warnings in words. */
export function useRosterTexts() {
  const { t } = useTranslation('rosters')
  const format = useFormat()
  const label = useCodeLabel()
  const minutes = useMinutesText()
  const times = ({ start, end, endsNextDay = false }: Times) => t(endsNextDay ? 'times.overnight' : 'times.plain', { start, end })
  return {
    times,
    day: (date: string) => capitalised(format.weekdayDate(date)),
    longDay: (date: string) => capitalised(format.weekdayLongDate(date)),
    position: (position: string) => label('position', position),
    minutes,
    /** The kind of a shift, or what it needs when it is of no kind. */
    kind: ({ template, position }: Pick<ShiftFieldsFragment, 'template' | 'position'>) => template?.name ?? label('position', position),
    /** A shift in one line, for lists and choices. */
    shift: (shift: Pick<ShiftFieldsFragment, 'date' | 'template' | 'position'> & Times) =>
      `${capitalised(format.weekdayDate(shift.date))}, ${times(shift)} · ${shift.template?.name ?? label('position', shift.position)}`,
    coverage: ({ need, planned, needed }: Week['coverage'][number]) =>
      t('coverage.one', { position: label('position', need.position), times: times(need), planned, needed }),
    coverageState: ({ planned, needed }: Week['coverage'][number]) =>
      planned >= needed ? t('coverage.met') : t('coverage.short', { count: needed - planned }),
    warning: ({ code, actual, limit }: Week['warnings'][number]) =>
      code === 'TOO_MANY_DAYS' ? t('warning.TOO_MANY_DAYS', { actual, limit }) : t(`warning.${code}`, { actual: minutes(actual), limit: minutes(limit) }),
  }
}
