import { Button, Group, Select, Stack } from '@mantine/core'
import { IconArrowsExchange } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { ForbiddenState } from '../../FailureState.tsx'
import type { ShiftSwapStatus } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import type { SwapsSearch } from './roster-search.ts'
import { SwapCard } from './SwapCard.tsx'
import { type Deciding, SwapDialog } from './SwapDialog.tsx'
import { OwnProfileDocument, ShiftSwapsDocument, SwapFields } from './trade-documents.ts'

const route = getRouteApi('/signed-in/staff/swaps')
const PAGE_SIZE = 20
const STATUS_OF = { asked: 'ASKED', accepted: 'ACCEPTED', approved: 'APPROVED', refused: 'REFUSED', withdrawn: 'WITHDRAWN' } as const satisfies Record<
  string,
  ShiftSwapStatus
>
type Filter = NonNullable<SwapsSearch['status']>

/** Shifts that people want to give away: what one may answer, and what a planner decides. */
export function SwapsPage() {
  const { t } = useTranslation('rosters')
  const { ownPermissions } = useViewer()
  const can = useCan()
  const isOpen = can('shift:trade') || ownPermissions.includes('shift:trade')
  return (
    <Page title={t('swaps.title')} lead={t(can('schedule:manage') ? 'swaps.leadPlanner' : 'swaps.lead')}>
      {isOpen ? <Swaps /> : <ForbiddenState permission="shift:trade" roles={[]} />}
    </Page>
  )
}

function Swaps() {
  const { t } = useTranslation('rosters')
  const { staffId } = useViewer()
  const can = useCan()
  const { status, after } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/swaps' })
  const change = (part: Partial<SwapsSearch>) => void navigate({ search: (old) => ({ ...old, after: undefined, ...part }), resetScroll: false })
  const [deciding, setDeciding] = useState<Deciding | null>(null)
  const [result, retry] = useLiveQuery(['ShiftSwap', 'RosterShift'], {
    query: ShiftSwapsDocument,
    variables: { status: status === undefined || status === 'all' ? null : STATUS_OF[status], includeClosed: status === 'all', first: PAGE_SIZE, after },
  })
  const [profile] = useQuery({ query: OwnProfileDocument, variables: { staffId: staffId ?? '' }, pause: staffId === null })
  const reader = { staffId, isPlanner: can('schedule:manage'), profile: profile.data?.staffMember ?? null }
  return (
    <Stack gap="md">
      <StatusFilter status={status} onChange={(next) => change({ status: next })} />
      <QueryView result={result} onRetry={retry} skeletonHeight={160}>
        {({ shiftSwaps: { edges, pageInfo } }) => (
          <Stack gap="xs">
            {edges.length === 0 && <NoSwaps isFiltered={status !== undefined} onClear={() => change({ status: undefined })} />}
            {edges.map(({ node }) => (
              <SwapCard key={node.id} swap={readFragment(SwapFields, node)} reader={reader} onDecide={setDeciding} />
            ))}
            <Group gap="xs">
              {after !== undefined && (
                <Button variant="default" onClick={() => change({})}>
                  {t('first')}
                </Button>
              )}
              {pageInfo.hasNextPage && (
                <Button variant="default" onClick={() => change({ after: pageInfo.endCursor ?? undefined })}>
                  {t('more')}
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </QueryView>
      <SwapDialog deciding={deciding} onClose={() => setDeciding(null)} />
    </Stack>
  )
}

const PENDING = 'pending'
const isFilter = (value: string | null): value is Filter => value !== null && (value === 'all' || value in STATUS_OF)

function StatusFilter({ status, onChange }: { status: Filter | undefined; onChange: (status: Filter | undefined) => void }) {
  const { t } = useTranslation('rosters')
  return (
    <search aria-label={t('swaps.filter')}>
      <Select
        label={t('swaps.status')}
        maw={280}
        data={[
          { value: PENDING, label: t('swaps.pending') },
          { value: 'asked', label: t('swapStatus.ASKED') },
          { value: 'accepted', label: t('swapStatus.ACCEPTED') },
          { value: 'approved', label: t('swapStatus.APPROVED') },
          { value: 'refused', label: t('swapStatus.REFUSED') },
          { value: 'withdrawn', label: t('swapStatus.WITHDRAWN') },
          { value: 'all', label: t('swaps.all') },
        ]}
        value={status ?? PENDING}
        onChange={(value) => onChange(isFilter(value) ? value : undefined)}
        allowDeselect={false}
      />
    </search>
  )
}

function NoSwaps({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation('rosters')
  const clear = (
    <Button variant="default" onClick={onClear}>
      {t('swaps.clear')}
    </Button>
  )
  return (
    <StateMessage
      icon={<IconArrowsExchange size={34} stroke={1.5} />}
      title={t(isFiltered ? 'swaps.noMatch' : 'swaps.none')}
      action={isFiltered ? clear : <TextLink to="/staff/shifts">{t('swaps.toShifts')}</TextLink>}
    >
      {!isFiltered && t('swaps.noneText')}
    </StateMessage>
  )
}
