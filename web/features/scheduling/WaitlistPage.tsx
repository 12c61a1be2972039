import { Button, Stack } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { ForbiddenState } from '../../FailureState.tsx'
import { useCan } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { AddToWaitlistDrawer } from './AddToWaitlistDrawer.tsx'
import { OpenOffers } from './OpenOffers.tsx'
import { WaitlistTable } from './WaitlistTable.tsx'

const route = getRouteApi('/signed-in/schedule/waitlist')

/** Clients who wait for a slot to become free, and the slots that have become free for them. */
export function WaitlistPage() {
  const { t } = useTranslation('desk')
  const can = useCan()
  const { status, add, ...wish } = route.useSearch()
  const navigate = useNavigate({ from: '/schedule/waitlist' })
  const openForm = () => void navigate({ search: { status, add: 'entry' }, resetScroll: false })
  const closeForm = () => void navigate({ search: { status }, replace: true, resetScroll: false })
  const mayAdd = can('appointment:create')
  const addButton = (
    <Button leftSection={<IconUserPlus size={16} />} onClick={openForm}>
      {t('waitlist.add')}
    </Button>
  )
  return (
    <Page title={t('waitlist.title')} lead={t('waitlist.lead')} actions={mayAdd && addButton}>
      {can('appointment:read') ? (
        <Stack gap="md">
          <OpenOffers />
          <WaitlistTable onAdd={mayAdd ? openForm : null} />
        </Stack>
      ) : (
        <ForbiddenState permission="appointment:read" roles={[]} />
      )}
      {mayAdd && <AddToWaitlistDrawer wish={add === 'entry' ? wish : null} onClose={closeForm} />}
    </Page>
  )
}
