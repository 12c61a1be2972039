import { useTranslation } from 'react-i18next'

import type { ScheduleCountsQuery } from '../../gql/graphql.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { SHOWN_TYPES } from './DayView.tsx'
import classes from './Month.module.css'
import { ScheduleCountsDocument } from './schedule-documents.ts'
import { monthWeeks } from './weeks.ts'

type Count = ScheduleCountsQuery['scheduleCounts'][number]
type MonthViewProps = { date: string; today: string; onDay: (date: string) => void }

/** How full each day of a month is; a day opens its schedule. */
export function MonthView({ date, today, onDay }: MonthViewProps) {
  const weeks = monthWeeks(date)
  const [from = date, until = date] = [weeks[0]?.[0], weeks.at(-1)?.at(-1)]
  const [result, retry] = useLiveQuery(SHOWN_TYPES, { query: ScheduleCountsDocument, variables: { from, until } })
  const isThis = result.data?.scheduleCounts[0]?.date === from
  return (
    <QueryView result={{ ...result, data: isThis ? result.data : undefined }} onRetry={retry} skeletonHeight={420}>
      {(data) => <Month weeks={weeks} month={date.slice(0, 7)} today={today} counts={data.scheduleCounts} onDay={onDay} />}
    </QueryView>
  )
}

type MonthProps = { weeks: readonly (readonly string[])[]; month: string; today: string; counts: readonly Count[]; onDay: (date: string) => void }

function Month({ weeks, month, today, counts, onDay }: MonthProps) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const byDate = new Map(counts.map((count) => [count.date, count]))
  const most = Math.max(1, ...counts.map(({ booked }) => booked))
  return (
    <table className={classes.month} aria-label={capitalised(format.month(month))}>
      <thead>
        <tr>
          {weeks[0]?.map((date) => (
            <th key={date} scope="col">
              {format.weekday(date)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]}>
            {week.map((date) => {
              const { booked, cancelled, blocks } = byDate.get(date) ?? { booked: 0, cancelled: 0, blocks: 0 }
              return (
                <td key={date} data-other={date.startsWith(month) ? undefined : true} data-today={date === today || undefined}>
                  <button type="button" onClick={() => onDay(date)} aria-current={date === today ? 'date' : undefined}>
                    <span className={classes.day}>
                      <span className="visually-hidden">{format.weekdayLongDate(date)}</span>
                      <span aria-hidden="true">{Number(date.slice(8))}</span>
                    </span>
                    {booked > 0 && (
                      <span className={classes.booked}>
                        <strong>{booked}</strong>
                        <span className={classes.word}> {t('month.booked', { count: booked })}</span>
                        <span className={classes.bar} style={{ width: `${Math.round((booked / most) * 100)}%` }} aria-hidden="true" />
                      </span>
                    )}
                    {cancelled > 0 && <span className={classes.small}>{t('month.cancelled', { count: cancelled })}</span>}
                    {blocks > 0 && <span className={classes.small}>{t('month.blocks', { count: blocks })}</span>}
                  </button>
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
