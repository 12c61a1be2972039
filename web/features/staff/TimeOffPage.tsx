import { Button, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCalendarPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { ApproveDrawer } from './ApproveDrawer.tsx'
import { AskDrawer } from './AskDrawer.tsx'
import { Balances } from './Balances.tsx'
import { OpenRequests } from './OpenRequests.tsx'
import { RequestList } from './RequestList.tsx'

const route = getRouteApi('/signed-in/staff/time-off')

/** One's own days off, and the decisions about those of others. */
export function TimeOffPage() {
  const { t } = useTranslation('staff')
  const { staffId, ownPermissions } = useViewer()
  const can = useCan()
  const { approve } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/time-off' })
  const [isAsking, asking] = useDisclosure(false)
  const holdsForSelf = (permission: string) => staffId !== null && (can(permission) || ownPermissions.includes(permission))
  const openApproval = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, approve: id }), replace: id === undefined, resetScroll: false })
  const isOpen = can('time-off:read') || holdsForSelf('time-off:read')
  const mayAsk = holdsForSelf('time-off:request')
  return (
    <Page
      title={t('timeOff.title')}
      lead={t('timeOff.lead')}
      actions={
        isOpen &&
        mayAsk && (
          <Button leftSection={<IconCalendarPlus size={16} />} onClick={asking.open}>
            {t('timeOff.ask.open')}
          </Button>
        )
      }
    >
      {isOpen ? (
        <Stack gap="md">
          {can('time-off:approve') && <OpenRequests onApprove={openApproval} />}
          {staffId !== null && <Balances />}
          <RequestList onAsk={mayAsk ? asking.open : null} />
        </Stack>
      ) : (
        <ForbiddenState permission="time-off:read" roles={[]} />
      )}
      <AskDrawer isOpen={isAsking} onClose={asking.close} />
      {can('time-off:approve') && <ApproveDrawer requestId={approve ?? null} onClose={() => openApproval(undefined)} />}
    </Page>
  )
}
