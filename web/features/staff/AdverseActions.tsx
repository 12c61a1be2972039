import { Button, Drawer, List, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { AdverseActionsQuery } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { AdverseActionsDocument, RecordAdverseAction } from './credential-documents.ts'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'

const KINDS = ['warning', 'restriction', 'suspension', 'revocation', 'malpractice', 'other'] as const

type AdverseActionsProps = {
  staffId: string
  /** Only those about this credential. */
  credentialId?: string
}

/** What was done against somebody's standing. Nothing here is ever changed. */
export function AdverseActions({ staffId, credentialId }: AdverseActionsProps) {
  const { t } = useTranslation('people')
  const can = useCan()
  const [isRecording, recording] = useDisclosure(false)
  const [result, retry] = useQuery({ query: AdverseActionsDocument, variables: { staffId } })
  return (
    <section aria-label={t('adverse.title')}>
      <Title order={3} mb={4}>
        {t('adverse.title')}
      </Title>
      <Stack gap="sm" align="start">
        <QueryView result={result} onRetry={retry} skeletonHeight={50}>
          {({ adverseActions: { edges } }) => (
            <Actions actions={edges.map(({ node }) => node).filter(({ credential }) => credentialId === undefined || credential?.id === credentialId)} />
          )}
        </QueryView>
        {can('credential:manage') && (
          <Button variant="default" leftSection={<IconAlertTriangle size={16} />} onClick={recording.open}>
            {t('adverse.record')}
          </Button>
        )}
      </Stack>
      <Drawer opened={isRecording} onClose={recording.close} title={t('adverse.record')} closeButtonProps={{ 'aria-label': t('close') }}>
        {isRecording && <RecordForm staffId={staffId} credentialId={credentialId ?? null} onClose={recording.close} />}
      </Drawer>
    </section>
  )
}

function Actions({ actions }: { actions: readonly AdverseActionsQuery['adverseActions']['edges'][number]['node'][] }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const label = useCodeLabel()
  if (actions.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('adverse.none')}
      </Text>
    )
  return (
    <List size="sm">
      {actions.map(({ id, kind, occurredOn, description, reportedBy, recordedAt, recordedBy, credential }) => (
        <List.Item key={id}>
          <strong>{label('adverseKind', kind)}</strong> · {format.date(occurredOn)}
          {credential && ` · ${label('credentialType', credential.type)} ••••${credential.numberEnding}`}
          <Text size="sm">{description}</Text>
          <Text size="xs" c="dimmed">
            {t('adverse.reported', { name: reportedBy })} · {t('by', { when: format.dateTime(recordedAt), name: recordedBy?.name ?? t('someone') })}
          </Text>
        </List.Item>
      ))}
    </List>
  )
}

function RecordForm({ staffId, credentialId, onClose }: { staffId: string; credentialId: string | null; onClose: () => void }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const { timeZone } = useFormat()
  const [draft, setDraft] = useState(() => ({ kind: 'warning', occurredOn: dateIn(timeZone, new Date()), description: '', reportedBy: '' }))
  const change = (part: Partial<typeof draft>) => setDraft((old) => ({ ...old, ...part }))
  const { submit, problem, isRunning } = useSubmit(RecordAdverseAction, ({ recordAdverseAction: made }) =>
    made.__typename === 'AdverseAction' ? { done: made.id } : { failure: refusal(made) },
  )

  async function record() {
    if ((await submit({ input: { staffId, credentialId, ...draft } })) === null) return
    notify({ color: 'pine', message: t('adverse.done') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void record()
      }}
    >
      <Stack gap="md">
        <Text size="sm">{t('adverse.forGood')}</Text>
        <Select
          label={t('adverse.kind')}
          data={KINDS.map((code) => ({ value: code, label: label('adverseKind', code) }))}
          value={draft.kind}
          onChange={(kind) => kind !== null && change({ kind })}
          allowDeselect={false}
        />
        <TextInput
          type="date"
          label={t('adverse.occurredOn')}
          required
          value={draft.occurredOn}
          onChange={(event) => change({ occurredOn: event.currentTarget.value })}
        />
        <Textarea
          label={t('adverse.description')}
          required
          maxLength={4000}
          autosize
          minRows={2}
          value={draft.description}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
        <TextInput
          label={t('adverse.reportedBy')}
          description={t('adverse.reportedByHint')}
          required
          maxLength={120}
          value={draft.reportedBy}
          onChange={(event) => change({ reportedBy: event.currentTarget.value })}
        />
        <Problem text={problem} />
        <Button type="submit" loading={isRunning} disabled={draft.occurredOn === '' || draft.description.trim() === '' || draft.reportedBy.trim() === ''}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  )
}
