import { Button, Group, Text } from '@mantine/core'
import { IconLogin2, IconLogout2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../session/viewer.ts'
import { Problem } from './Problem.tsx'
import { useClock } from './use-clock.ts'

export function ClockButton({ staffId }: { staffId: string }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const { since, toggle, problem, isRunning } = useClock(staffId)
  const isThere = typeof since === 'string'
  return (
    <Group gap="sm">
      <Button
        leftSection={isThere ? <IconLogout2 size={16} /> : <IconLogin2 size={16} />}
        loading={isRunning}
        disabled={since === undefined}
        onClick={() => void toggle()}
      >
        {t(isThere ? 'clock.out' : 'clock.in')}
      </Button>
      {isThere && <Text size="sm">{t('clock.since', { when: format.dateTime(since) })}</Text>}
      <Problem text={problem} />
    </Group>
  )
}
