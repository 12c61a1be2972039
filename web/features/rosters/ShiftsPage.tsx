import { Stack } from '@mantine/core'
import { IconUserOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat, useViewer } from '../../session/viewer.ts'
import { DateBar } from '../../ui/DateBar.tsx'
import { addDays } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useToday } from './CellContent.tsx'
import { OpenShifts } from './OpenShifts.tsx'
import { OwnShifts } from './OwnShifts.tsx'
import { ShiftFields } from './roster-documents.ts'
import { MyShiftsDocument } from './trade-documents.ts'

const route = getRouteApi('/signed-in/staff/shifts')
const SHOWN_DAYS = 28

/** When one works, and what one could work besides. */
export function ShiftsPage() {
  const { t } = useTranslation('rosters')
  const { staffId, ownPermissions } = useViewer()
  const can = useCan()
  const today = useToday()
  const { from = today } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/shifts' })
  const choose = (date: string) => void navigate({ search: { from: date === today ? undefined : date }, resetScroll: false })
  const isOpen = can('shift:trade') || ownPermissions.includes('shift:trade')
  const isShown = isOpen && staffId !== null
  return (
    <Page
      title={t('shifts.title')}
      lead={t('shifts.lead')}
      actions={isShown && <DateBar date={from} today={today} label={t('shifts.from')} step={7} onChange={choose} />}
    >
      {!isOpen && <ForbiddenState permission="shift:trade" roles={[]} />}
      {isOpen && staffId === null && (
        <StateMessage icon={<IconUserOff size={34} stroke={1.5} />} title={t('shifts.noProfile')}>
          {t('shifts.noProfileText')}
        </StateMessage>
      )}
      {isShown && <Shifts from={from} staffId={staffId} />}
    </Page>
  )
}

function Shifts({ from, staffId }: { from: string; staffId: string }) {
  const format = useFormat()
  const [result, retry] = useLiveQuery(['RosterShift', 'Roster', 'ShiftSwap'], {
    query: MyShiftsDocument,
    variables: { from, until: addDays(from, SHOWN_DAYS) },
  })
  return (
    <QueryView result={result} onRetry={retry}>
      {({ myShifts }) => (
        <Stack gap="md">
          <OwnShifts
            shifts={myShifts.map((one) => ({ clinic: one.clinic, shift: readFragment(ShiftFields, one) }))}
            period={`${format.date(from)} – ${format.date(addDays(from, SHOWN_DAYS - 1))}`}
          />
          <OpenShifts staffId={staffId} own={myShifts.map((one) => readFragment(ShiftFields, one))} />
        </Stack>
      )}
    </QueryView>
  )
}
