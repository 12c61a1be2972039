import { Badge, Button, Checkbox, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { IconChecklist } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { PersonFieldsFragment, StaffTaskFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { Problem } from './Problem.tsx'
import { AddStaffTask, SetStaffTaskDone, StaffTaskFields, StaffTasksDocument, StartOnboarding } from './people-documents.ts'
import { useSubmit } from './use-submit.ts'

const PROCESSES = ['onboarding', 'offboarding'] as const

/** The steps of somebody's first and last days. */
export function TasksTab({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const [result, retry] = useLiveQuery(['StaffTask'], { query: StaffTasksDocument, variables: { staffId: person.id } })
  return (
    <Stack gap="md">
      <QueryView result={result} onRetry={retry}>
        {({ staffTasks }) => {
          const tasks = staffTasks.edges.map(({ node }) => readFragment(StaffTaskFields, node))
          return PROCESSES.map((process) => {
            const own = tasks.filter((task) => task.process === process)
            // Nobody begins who has left, and nobody leaves by way of a list.
            if (own.length === 0 && (process === 'offboarding' || person.terminatedOn !== null)) return null
            return (
              <Section key={process} title={label('staffProcess', process)}>
                {own.length === 0 ? <NotBegun staffId={person.id} /> : <Checklist tasks={own} />}
              </Section>
            )
          })
        }}
      </QueryView>
      <Section title={t('tasks.add')}>
        <AddTask staffId={person.id} />
      </Section>
    </Stack>
  )
}

function NotBegun({ staffId }: { staffId: string }) {
  const { t } = useTranslation('people')
  const { submit, problem, isRunning } = useSubmit(StartOnboarding, ({ startOnboarding: made }) =>
    made.__typename === 'Onboarding' ? { done: true } : { failure: refusal(made) },
  )
  return (
    <>
      <StateMessage
        icon={<IconChecklist size={34} stroke={1.5} />}
        title={t('tasks.empty')}
        action={
          <Button loading={isRunning} onClick={() => void submit({ input: { staffId } })}>
            {t('tasks.start')}
          </Button>
        }
      >
        {t('tasks.emptyText')}
      </StateMessage>
      <Problem text={problem} />
    </>
  )
}

function Checklist({ tasks }: { tasks: readonly StaffTaskFieldsFragment[] }) {
  return (
    <Stack component="ul" gap="sm" m={0} p={0} style={{ listStyle: 'none' }}>
      {tasks.map((task) => (
        <li key={task.id}>
          <Task task={task} />
        </li>
      ))}
    </Stack>
  )
}

function Task({ task }: { task: StaffTaskFieldsFragment }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const label = useCodeLabel()
  const { submit, problem, isRunning } = useSubmit(SetStaffTaskDone, ({ setStaffTaskDone: made }) =>
    made.__typename === 'StaffTask' ? { done: made.id } : { failure: refusal(made) },
  )
  const { id, version, step, title, dueOn, isOverdue, doneAt, doneBy } = task
  const when = { when: doneAt === null ? '' : format.dateTime(doneAt) }
  const state =
    doneAt === null ? t('tasks.due', { date: format.date(dueOn) }) : doneBy ? t('tasks.doneBy', { ...when, name: doneBy.name }) : t('tasks.done', when)
  return (
    <>
      <Group gap="sm">
        <Checkbox
          label={step === null ? title : label('staffStep', step)}
          description={state}
          checked={doneAt !== null}
          disabled={isRunning}
          onChange={(event) => void submit({ input: { id, version, isDone: event.currentTarget.checked } })}
        />
        {isOverdue && <Badge color="clay">{t('tasks.overdue')}</Badge>}
      </Group>
      <Problem text={problem} />
    </>
  )
}

function AddTask({ staffId }: { staffId: string }) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const { timeZone } = useFormat()
  const [draft, setDraft] = useState(() => ({ process: 'onboarding', title: '', dueOn: dateIn(timeZone, new Date()) }))
  const { submit, problem, isRunning } = useSubmit(AddStaffTask, ({ addStaffTask: made }) =>
    made.__typename === 'StaffTask' ? { done: made.id } : { failure: refusal(made) },
  )

  async function add() {
    if ((await submit({ input: { staffId, ...draft, title: draft.title.trim() } })) === null) return
    notify({ color: 'pine', message: t('tasks.added') })
    setDraft((old) => ({ ...old, title: '' }))
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void add()
      }}
    >
      <SimpleGrid cols={{ base: 1, sm: 4 }} spacing="sm" style={{ alignItems: 'end' }}>
        <TextInput
          label={t('tasks.title')}
          required
          maxLength={160}
          value={draft.title}
          onChange={(event) => setDraft({ ...draft, title: event.currentTarget.value })}
        />
        <Select
          label={t('tasks.process')}
          data={PROCESSES.map((code) => ({ value: code, label: label('staffProcess', code) }))}
          value={draft.process}
          onChange={(process) => process !== null && setDraft({ ...draft, process })}
          allowDeselect={false}
        />
        <TextInput
          type="date"
          label={t('tasks.dueOn')}
          required
          value={draft.dueOn}
          onChange={(event) => setDraft({ ...draft, dueOn: event.currentTarget.value })}
        />
        <Button type="submit" variant="default" loading={isRunning} disabled={draft.title.trim() === '' || draft.dueOn === ''}>
          {t('tasks.submit')}
        </Button>
      </SimpleGrid>
      <Text component="div" mt="sm">
        <Problem text={problem} />
      </Text>
    </form>
  )
}
