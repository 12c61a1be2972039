import { Button, Group, Stack, Text } from '@mantine/core'
import { IconCalendarOff, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { QueryView } from '../../QueryView.tsx'
import { capitalised } from '../../ui/capitalised.ts'
import { addDays, dateIn } from '../../ui/dates.ts'
import type { Format } from '../../ui/format.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import classes from './Booking.module.css'
import { type PublicPage, StepTitle, type VisitType } from './BookingPage.tsx'
import { PublicSlotsDocument } from './booking-documents.ts'
import type { BookingSearch } from './booking-search.ts'

/** Days that are asked for, and shown, at once. */
const DAYS = 14

type StartChoiceProps = {
  slug: string
  page: PublicPage
  type: VisitType
  format: Format
  search: BookingSearch
  onGo: (part: BookingSearch, replace?: boolean) => void
}

/** A day, then a time of it. Days on which nothing is free are not offered. */
export function StartChoice({ slug, page, type, format, search, onGo }: StartChoiceProps) {
  const { t } = useTranslation('booking')
  const from = search.from !== undefined && search.from > page.firstDay && search.from <= page.lastDay ? search.from : page.firstDay
  const until = earlier(addDays(from, DAYS - 1), page.lastDay)
  const turn = (date: string) => onGo({ from: date, day: undefined }, true)
  return (
    <>
      <StepTitle>{t('public.when')}</StepTitle>
      <Window key={from} slug={slug} from={from} until={until} type={type} format={format} day={search.day} onGo={onGo} />
      <Group justify="space-between">
        <Button
          variant="default"
          leftSection={<IconChevronLeft size={16} />}
          disabled={from <= page.firstDay}
          onClick={() => turn(later(addDays(from, -DAYS), page.firstDay))}
        >
          {t('public.earlier')}
        </Button>
        <Button variant="default" rightSection={<IconChevronRight size={16} />} disabled={until >= page.lastDay} onClick={() => turn(addDays(until, 1))}>
          {t('public.later')}
        </Button>
      </Group>
    </>
  )
}

type WindowProps = Omit<DaysProps, 'starts'> & { slug: string; from: string; until: string }

function Window({ slug, from, until, ...days }: WindowProps) {
  // Others ask at the same time: what was free a while ago need not be.
  const [result, retry] = useQuery({ query: PublicSlotsDocument, variables: { slug, typeId: days.type.id, from, until } })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={140}>
      {({ publicSlots }) => <Days starts={publicSlots ?? []} {...days} />}
    </QueryView>
  )
}

type DaysProps = { starts: readonly string[]; type: VisitType; format: Format; day: string | undefined; onGo: StartChoiceProps['onGo'] }

function Days({ starts, type, format, day, onGo }: DaysProps) {
  const { t } = useTranslation('booking')
  const byDay = new Map<string, string[]>()
  for (const start of starts) {
    const date = dateIn(format.timeZone, new Date(start))
    byDay.set(date, [...(byDay.get(date) ?? []), start])
  }
  const days = [...byDay.keys()]
  const shown = day !== undefined && byDay.has(day) ? day : days[0]
  if (shown === undefined) return <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('public.noneFree')} />
  return (
    <Stack gap="md">
      <div className={classes.days} role="radiogroup" aria-label={t('public.day')}>
        {days.map((date) => (
          <Button
            key={date}
            role="radio"
            aria-checked={date === shown}
            aria-label={format.weekdayDate(date)}
            px={6}
            h={48}
            variant={date === shown ? 'filled' : 'default'}
            onClick={() => onGo({ day: date }, true)}
          >
            <span>
              {format.weekday(date)}
              <br />
              {format.shortDate(date)}
            </span>
          </Button>
        ))}
      </div>
      <section aria-label={format.weekdayLongDate(shown)}>
        <Text fw={600} mb={6}>
          {capitalised(format.weekdayLongDate(shown))}
        </Text>
        <div className={classes.times}>
          {thinned(byDay.get(shown) ?? [], type.durationMinutes).map((start) => (
            <Button key={start} px={6} variant="light" onClick={() => onGo({ at: start })}>
              {format.time(start)}
            </Button>
          ))}
        </div>
      </section>
    </Stack>
  )
}

/** Visits may begin every ten minutes; of a day, those that do not overlap say as much in fewer buttons. */
function thinned(starts: readonly string[], minutes: number): string[] {
  const kept: string[] = []
  for (const start of starts) {
    const last = kept.at(-1)
    if (last === undefined || Date.parse(start) >= Date.parse(last) + minutes * 60_000) kept.push(start)
  }
  return kept
}

function earlier(a: string, b: string): string {
  return a < b ? a : b
}

function later(a: string, b: string): string {
  return a > b ? a : b
}
