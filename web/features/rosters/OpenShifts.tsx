import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { showProblem } from '../scheduling/undo-toast.tsx'
import { ShiftFields } from './roster-documents.ts'
import type { Shift } from './roster-week.ts'
import { ClaimOpenShift, OpenShiftsDocument, OwnProfileDocument } from './trade-documents.ts'
import { type Obstacle, obstacleOf } from './trading.ts'
import { useRosterTexts } from './use-roster-texts.ts'

const route = getRouteApi('/signed-in/staff/shifts')
const PAGE_SIZE = 20

/** Shifts that nobody has yet: those that one may take, and why not the others. */
export function OpenShifts({ staffId, own }: { staffId: string; own: readonly Shift[] }) {
  const { t } = useTranslation('rosters')
  const { after } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/shifts' })
  const page = (cursor: string | undefined) => void navigate({ search: (old) => ({ ...old, after: cursor }), resetScroll: false })
  const [result, retry] = useLiveQuery(['RosterShift', 'Roster'], { query: OpenShiftsDocument, variables: { first: PAGE_SIZE, after } })
  const [profile] = useQuery({ query: OwnProfileDocument, variables: { staffId } })
  const me = profile.data?.staffMember ?? null
  return (
    <Section title={t('claim.title')}>
      <QueryView result={result} onRetry={retry} skeletonHeight={120}>
        {({ openShifts: { edges, pageInfo } }) => (
          <Stack gap="xs">
            {edges.length === 0 && (
              <StateMessage icon={<IconCircleCheck size={34} stroke={1.5} />} title={t('claim.none')}>
                {t('claim.noneText')}
              </StateMessage>
            )}
            {edges.map(({ node }) => {
              const shift = readFragment(ShiftFields, node)
              return <OpenShift key={node.id} shift={shift} obstacle={me && obstacleOf(shift, me, own)} />
            })}
            <Group gap="xs">
              {after !== undefined && (
                <Button variant="default" onClick={() => page(undefined)}>
                  {t('first')}
                </Button>
              )}
              {pageInfo.hasNextPage && (
                <Button variant="default" onClick={() => page(pageInfo.endCursor ?? undefined)}>
                  {t('more')}
                </Button>
              )}
            </Group>
          </Stack>
        )}
      </QueryView>
    </Section>
  )
}

function OpenShift({ shift, obstacle }: { shift: Shift; obstacle: Obstacle | null }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(ClaimOpenShift, (data) => data.claimOpenShift)
  const day = texts.shift(shift)

  async function claim() {
    const { payload, failure } = await run({ input: { shiftId: shift.id } })
    if (payload?.__typename !== 'RosterShift') return showProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('claim.done', { shift: day }) })
  }

  return (
    <Paper component="article" withBorder p="sm" aria-label={day} style={{ borderLeft: `5px solid ${shift.template?.colour ?? 'transparent'}` }}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>
            {texts.longDay(shift.date)}, {texts.times(shift)}
          </Text>
          <Text size="sm">
            {shift.template !== null && `${shift.template.name} · `}
            {t('claim.needs', { position: texts.position(shift.position) })}
          </Text>
          {shift.note !== null && (
            <Text size="sm" c="dimmed">
              {shift.note}
            </Text>
          )}
        </div>
        {obstacle === null ? (
          <Button size="xs" loading={isRunning} aria-label={t('claim.openFor', { shift: day })} onClick={() => void claim()}>
            {t('claim.open')}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {t(`claim.obstacle.${obstacle}`)}
          </Text>
        )}
      </Group>
    </Paper>
  )
}
