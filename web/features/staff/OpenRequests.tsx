import { Button, Group, Modal, Paper, Stack, Text, Textarea } from '@mantine/core'
import { IconCheck, IconCircleCheck, IconX } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { TimeOffFieldsFragment, TimeOffRequestsQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { RefuseTimeOff, TimeOffFields, TimeOffRequestsDocument } from './time-off-documents.ts'
import { useTimeOffTexts } from './use-time-off-texts.ts'

const route = getRouteApi('/signed-in/staff/time-off')
const MOST = 100

type Node = TimeOffRequestsQuery['timeOffRequests']['edges'][number]['node']
type Refusing = { request: TimeOffFieldsFragment; person: string }

/** What waits for a decision at the clinic. */
export function OpenRequests({ onApprove }: { onApprove: (id: string) => void }) {
  const { t } = useTranslation('staff')
  const { from, until } = route.useSearch()
  const [refusing, setRefusing] = useState<Refusing | null>(null)
  const [result, retry] = useLiveQuery(['TimeOffRequest'], {
    query: TimeOffRequestsDocument,
    variables: { status: 'REQUESTED', from, until, first: MOST, withPerson: true },
  })
  return (
    <Section title={t('timeOff.open.title')}>
      <QueryView result={result} onRetry={retry} skeletonHeight={90}>
        {({ timeOffRequests: { edges, pageInfo } }) =>
          edges.length === 0 ? (
            <StateMessage icon={<IconCircleCheck size={34} stroke={1.5} />} title={t('timeOff.open.empty')}>
              {t('timeOff.open.emptyText')}
            </StateMessage>
          ) : (
            <Stack gap="xs">
              {edges.map(({ node }) => (
                <OpenRequest key={node.id} node={node} onApprove={onApprove} onRefuse={setRefusing} />
              ))}
              {pageInfo.hasNextPage && (
                <Text size="sm" c="dimmed">
                  {t('timeOff.open.more', { shown: MOST })}
                </Text>
              )}
            </Stack>
          )
        }
      </QueryView>
      <Modal
        opened={refusing !== null}
        onClose={() => setRefusing(null)}
        title={t('timeOff.refuse.title')}
        closeButtonProps={{ 'aria-label': t('timeOff.close') }}
      >
        {refusing !== null && <RefuseForm key={refusing.request.id} {...refusing} onClose={() => setRefusing(null)} />}
      </Modal>
    </Section>
  )
}

type OpenRequestProps = { node: Node; onApprove: (id: string) => void; onRefuse: (refusing: Refusing) => void }

function OpenRequest({ node, onApprove, onRefuse }: OpenRequestProps) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  const request = readFragment(TimeOffFields, node)
  const person = node.staff?.name ?? ''
  const days = texts.days(request)
  return (
    <Paper component="article" withBorder p="sm" aria-label={`${person}, ${days}`}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>{person}</Text>
          <Text size="sm">
            {days} · {request.type.name} · {texts.amount(request.amount, request.type.countsAs)}
          </Text>
          {request.reason && (
            <Text size="sm" c="dimmed">
              {request.reason}
            </Text>
          )}
        </div>
        <Group gap="xs">
          <Button leftSection={<IconCheck size={16} />} onClick={() => onApprove(node.id)}>
            {t('timeOff.approve.open')}
          </Button>
          <Button variant="default" leftSection={<IconX size={16} />} onClick={() => onRefuse({ request, person })}>
            {t('timeOff.refuse.open')}
          </Button>
        </Group>
      </Group>
    </Paper>
  )
}

/** A refusal says why: the person reads it. */
function RefuseForm({ request, person, onClose }: Refusing & { onClose: () => void }) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  const textOf = useFailureText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RefuseTimeOff, (data) => data.refuseTimeOff)

  async function refuse() {
    const { payload, failure } = await run({ input: { id: request.id, version: request.version, reason: reason.trim() } })
    if (payload?.__typename !== 'TimeOffRequest') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('timeOff.refuse.done', { name: person }) })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">{t('timeOff.refuse.text', { name: person, days: texts.days(request) })}</Text>
      <Textarea
        label={t('timeOff.refuse.reason')}
        required
        maxLength={500}
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={problem}
        data-autofocus
      />
      <Group gap="xs">
        <Button color="clay" loading={isRunning} disabled={reason.trim() === ''} onClick={() => void refuse()}>
          {t('timeOff.refuse.submit')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('timeOff.refuse.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
