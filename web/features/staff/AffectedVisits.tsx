import { Paper, Radio, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import type { Choices, Impact } from './ApproveDrawer.tsx'
import { AffectedAppointment } from './time-off-documents.ts'

const KEEP = 'keep'

type AffectedVisitsProps = { impact: Impact; choices: Choices; onChange: (choices: Choices) => void; isMovable: boolean }

/** Each visit within the time off, with the ways to keep it. */
export function AffectedVisits({ impact, choices, onChange, isMovable }: AffectedVisitsProps) {
  const { t } = useTranslation('staff')
  if (impact.visits.length === 0) return <Text size="sm">{t('timeOff.approve.noVisits')}</Text>
  const choose = (id: string, value: string) => {
    const { [id]: _old, ...others } = choices
    onChange(value === KEEP ? others : { ...others, [id]: Number(value) })
  }
  return (
    <section aria-label={t('timeOff.approve.visits', { count: impact.visits.length })}>
      <Text fw={600} mb={6}>
        {t('timeOff.approve.visits', { count: impact.visits.length })}
      </Text>
      {!isMovable && (
        <Text size="sm" c="dimmed" mb={6}>
          {t('timeOff.approve.notMovable')}
        </Text>
      )}
      <Stack gap="xs">
        {impact.visits.map((visit) => {
          const { id } = readFragment(AffectedAppointment, visit.appointment)
          return (
            <Visit
              key={id}
              visit={visit}
              person={impact.request.staff}
              value={String(choices[id] ?? KEEP)}
              onChange={(value) => choose(id, value)}
              isMovable={isMovable}
            />
          )
        })}
      </Stack>
    </section>
  )
}

type VisitProps = {
  visit: Impact['visits'][number]
  person: Impact['request']['staff']
  value: string
  onChange: (value: string) => void
  isMovable: boolean
}

function Visit({ visit, person, value, onChange, isMovable }: VisitProps) {
  const { t } = useTranslation('staff')
  const format = useFormat()
  const { startsAt, endsAt, patient, type } = readFragment(AffectedAppointment, visit.appointment)
  const title = `${format.dateTime(startsAt)}–${format.time(endsAt)} · ${patient.name} · ${type.name}`
  return (
    <Paper withBorder p="sm">
      <Radio.Group label={title} value={value} onChange={onChange}>
        <Stack gap={6} mt={6}>
          <Radio value={KEEP} label={t('timeOff.approve.stay')} />
          {visit.offers.map(({ staff, startsAt: at }, index) => (
            <Radio
              key={`${staff.id} ${at}`}
              value={String(index)}
              disabled={!isMovable}
              label={
                staff.id === person.id ? t('timeOff.approve.otherTime', { when: format.dateTime(at) }) : t('timeOff.approve.otherPerson', { name: staff.name })
              }
            />
          ))}
          {visit.offers.length === 0 && (
            <Text size="sm" c="dimmed">
              {t('timeOff.approve.noOffers')}
            </Text>
          )}
        </Stack>
      </Radio.Group>
    </Paper>
  )
}
