import { Badge, Button, Group, Paper, Select, Stack, Text, Textarea } from '@mantine/core'
import { IconHeart, IconLock } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { FlagFieldsFragment, PersonFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { Problem } from './Problem.tsx'
import { useSubmit } from './use-submit.ts'
import { FlagFields, RaiseFlag, ResolveFlag, WellbeingFlagsDocument } from './wellbeing-documents.ts'

const KINDS = ['fatigue', 'stress', 'injury', 'illness', 'burnout', 'other'] as const

/** How somebody is, between them and whoever leads them. */
export function WellbeingTab({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const { permissions, ownPermissions } = useViewer()
  const [result, retry] = useQuery({ query: WellbeingFlagsDocument, variables: { staffId: person.id } })
  const mayRecord = [...permissions, ...ownPermissions].includes('wellbeing:record')
  const who = person.manager ? t('wellbeing.whoSees', { name: person.name, manager: person.manager.name }) : t('wellbeing.whoSeesAlone', { name: person.name })
  return (
    <Stack gap="md" maw={760}>
      <Group gap={8} wrap="nowrap" role="note">
        <IconLock size={18} aria-hidden="true" style={{ flex: 'none' }} />
        <Text size="sm">{who}</Text>
      </Group>
      <Section title={t('wellbeing.title')}>
        <QueryView result={result} onRetry={retry} skeletonHeight={120}>
          {({ wellbeingFlags: { edges } }) =>
            edges.length === 0 ? (
              <StateMessage icon={<IconHeart size={34} stroke={1.5} />} title={t('wellbeing.empty')}>
                {t('wellbeing.emptyText')}
              </StateMessage>
            ) : (
              <Stack gap="xs">
                {edges.map(({ node }) => (
                  <Flag key={node.id} flag={readFragment(FlagFields, node)} mayRecord={mayRecord} />
                ))}
              </Stack>
            )
          }
        </QueryView>
      </Section>
      {mayRecord && (
        <Section title={t('wellbeing.raise')}>
          <RaiseForm staffId={person.id} />
        </Section>
      )}
    </Stack>
  )
}

function Flag({ flag, mayRecord }: { flag: FlagFieldsFragment; mayRecord: boolean }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const label = useCodeLabel()
  const { id, version, kind, note, raisedAt, raisedBy, resolvedAt, resolvedBy } = flag
  const { submit, problem, isRunning } = useSubmit(ResolveFlag, ({ resolveWellbeingFlag: made }) =>
    made.__typename === 'WellbeingFlag' ? { done: made.id } : { failure: refusal(made) },
  )

  async function resolve() {
    if ((await submit({ input: { id, version } })) !== null) notify({ color: 'pine', message: t('wellbeing.resolved') })
  }

  return (
    <Paper component="article" withBorder p="sm" aria-label={label('wellbeingKind', kind)}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600}>{label('wellbeingKind', kind)}</Text>
            <Badge color={resolvedAt === null ? 'amber' : 'gray'}>{t(resolvedAt === null ? 'wellbeing.open' : 'wellbeing.over')}</Badge>
          </Group>
          {note && <Text size="sm">{note}</Text>}
          <Text size="xs" c="dimmed">
            {t('wellbeing.raisedBy', { when: format.dateTime(raisedAt), name: raisedBy.name })}
            {resolvedAt !== null && ` · ${t('wellbeing.resolvedBy', { when: format.dateTime(resolvedAt), name: resolvedBy?.name ?? '' })}`}
          </Text>
        </div>
        {resolvedAt === null && mayRecord && (
          <Button variant="default" loading={isRunning} onClick={() => void resolve()}>
            {t('wellbeing.resolve')}
          </Button>
        )}
      </Group>
      <Problem text={problem} />
    </Paper>
  )
}

function RaiseForm({ staffId }: { staffId: string }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const [kind, setKind] = useState<string>(KINDS[0])
  const [note, setNote] = useState('')
  const { submit, problem, isRunning } = useSubmit(RaiseFlag, ({ raiseWellbeingFlag: made }) =>
    made.__typename === 'WellbeingFlag' ? { done: made.id } : { failure: refusal(made) },
  )

  async function raise() {
    if ((await submit({ input: { staffId, kind, note: note.trim() || null } })) === null) return
    notify({ color: 'pine', message: t('wellbeing.raised') })
    setNote('')
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void raise()
      }}
    >
      <Stack gap="sm">
        <Select
          label={t('wellbeing.kind')}
          data={KINDS.map((code) => ({ value: code, label: label('wellbeingKind', code) }))}
          value={kind}
          onChange={(value) => value !== null && setKind(value)}
          allowDeselect={false}
          maw={320}
        />
        <Textarea
          label={t('wellbeing.note')}
          description={t('wellbeing.noteHint')}
          maxLength={2000}
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Problem text={problem} />
        <div>
          <Button type="submit" loading={isRunning}>
            {t('wellbeing.submit')}
          </Button>
        </div>
      </Stack>
    </form>
  )
}
