import { Badge, Button, Group, List, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarOff, IconCalendarPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { ClosuresQuery } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { ConfirmForm } from '../../ui/ConfirmForm.tsx'
import { dateIn } from '../../ui/dates.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ImportHolidays } from './closing-documents.ts'
import { HolidayImpact } from './Impact.tsx'

type Holiday = ClosuresQuery['publicHolidays'][number]
type HolidaysProps = { holidays: readonly Holiday[]; year: number; isManager: boolean }

/** Public holidays of the clinic's country, and whether the clinic is closed on them. */
export function Holidays({ holidays, year, isManager }: HolidaysProps) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const [isAsking, asking] = useDisclosure(false)
  const open = holidays.filter(({ isClosed }) => !isClosed)
  const today = dateIn(format.timeZone, new Date())
  const isWorthwhile = open.some(({ date }) => date >= today)
  if (holidays.length === 0)
    return (
      <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('holiday.unknown')}>
        {t('holiday.unknownText')}
      </StateMessage>
    )
  return (
    <Stack gap="sm">
      <ul aria-label={t('holiday.title', { year })} style={{ listStyle: 'none', margin: 0, padding: 0, display: 'grid', gap: 6 }}>
        {holidays.map(({ code, date, name, isClosed }) => (
          <li key={code}>
            <Group gap={8} justify="space-between" wrap="nowrap">
              <Text size="sm">
                {format.weekdayDate(date)} · {name}
              </Text>
              <Badge color={isClosed ? 'gray' : 'pine'} miw="max-content">
                {t(isClosed ? 'holiday.closed' : 'holiday.open')}
              </Badge>
            </Group>
          </li>
        ))}
      </ul>
      {isManager && isWorthwhile && (
        <Button variant="default" leftSection={<IconCalendarPlus size={16} />} onClick={asking.open} style={{ alignSelf: 'start' }}>
          {t('holiday.import', { count: open.length })}
        </Button>
      )}
      <Modal opened={isAsking} onClose={asking.close} title={t('holiday.importTitle', { year })} closeButtonProps={{ 'aria-label': t('close') }}>
        {isAsking && <ImportForm open={open} year={year} onClose={asking.close} />}
      </Modal>
    </Stack>
  )
}

function ImportForm({ open, year, onClose }: { open: readonly Holiday[]; year: number; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ImportHolidays, (data) => data.importHolidays)

  async function importAll() {
    const { payload, failure } = await run({ input: { year } })
    if (payload?.__typename !== 'ImportedHolidays') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('holiday.imported', { count: payload.closures.length }) })
    onClose()
  }

  return (
    <Stack gap="sm">
      <HolidayImpact year={year}>
        <ConfirmForm
          problem={problem}
          submit={t('holiday.submit', { count: open.length })}
          keep={t('keep')}
          isRunning={isRunning}
          onSubmit={() => void importAll()}
          onClose={onClose}
        >
          <Text size="sm">{t('holiday.importText')}</Text>
          <List size="sm">
            {open.map(({ code, date, name }) => (
              <List.Item key={code}>
                {format.weekdayDate(date)} · {name}
              </List.Item>
            ))}
          </List>
        </ConfirmForm>
      </HolidayImpact>
    </Stack>
  )
}
