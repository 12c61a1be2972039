import { ActionIcon, Group, Stack, Text } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { ForbiddenState } from '../../FailureState.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { Closures } from './Closures.tsx'
import { Maintenance } from './Maintenance.tsx'
import { Places } from './Places.tsx'

const route = getRouteApi('/signed-in/settings/clinic')

/** When the clinic is closed, and what it has: rooms, equipment, and when these are out of use. */
export function ClinicSettingsPage() {
  const { t } = useTranslation('settings')
  const can = useCan()
  const { timeZone } = useFormat()
  const search = route.useSearch()
  const year = search.year ?? Number(dateIn(timeZone, new Date()).slice(0, 4))
  const isOpen = can('schedule:manage') || can('clinic:administer')
  return (
    <Page title={t('clinic.title')} lead={t('clinic.lead')} actions={isOpen && <YearBar year={year} />}>
      {isOpen ? (
        <Stack gap="md">
          <Closures year={year} />
          <Maintenance year={year} />
          <Places />
        </Stack>
      ) : (
        <ForbiddenState permission="schedule:manage" roles={[]} />
      )}
    </Page>
  )
}

function YearBar({ year }: { year: number }) {
  const { t } = useTranslation('settings')
  const navigate = useNavigate({ from: '/settings/clinic' })
  const go = (to: number) => void navigate({ search: (old) => ({ ...old, year: to }), resetScroll: false })
  return (
    <Group gap={6} wrap="nowrap" role="group" aria-label={t('clinic.year')}>
      <ActionIcon variant="default" size={34} aria-label={t('clinic.previousYear')} disabled={year <= 2000} onClick={() => go(year - 1)}>
        <IconChevronLeft size={18} />
      </ActionIcon>
      <Text fw={600} aria-live="polite">
        {year}
      </Text>
      <ActionIcon variant="default" size={34} aria-label={t('clinic.nextYear')} disabled={year >= 2099} onClick={() => go(year + 1)}>
        <IconChevronRight size={18} />
      </ActionIcon>
    </Group>
  )
}
