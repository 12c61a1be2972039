import { Button, Modal, Select, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import { readFragment } from '../../gql/index.ts'
import { useCan, useViewer } from '../../session/viewer.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { CreateCalendarFeed, FeedFields, FeedRooms } from './calendar-documents.ts'
import { FeedList } from './FeedList.tsx'
import { type MadeFeed, NewAddress } from './NewAddress.tsx'

const MINE = 'mine'

/** Addresses by which other programs show one's own shifts and visits, or those of a room. */
export function CalendarDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('feeds')
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('title')} size="lg" closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <Feeds />}
    </Modal>
  )
}

function Feeds() {
  const { t } = useTranslation('feeds')
  const { clinic } = useViewer()
  const [made, setMade] = useState<MadeFeed | null>(null)
  if (made !== null) return <NewAddress feed={made} onDone={() => setMade(null)} />
  return (
    <Stack gap="lg">
      <Text size="sm">{t('lead', { clinic: clinic.name })}</Text>
      <CreateFeed onMade={setMade} />
      <FeedList />
    </Stack>
  )
}

/** One's own calendar first, for those who have one; the rooms for those who may plan them. */
function useChoices(): { value: string; label: string }[] {
  const { t } = useTranslation('feeds')
  const { staffId } = useViewer()
  const can = useCan()
  const mayPlan = can('schedule:manage') && can('appointment:read')
  const [{ data }] = useQuery({ query: FeedRooms, pause: !mayPlan })
  const rooms = (mayPlan ? (data?.rooms ?? []) : []).filter(({ isArchived }) => !isArchived)
  return [...(staffId === null ? [] : [{ value: MINE, label: t('mine') }]), ...rooms.map(({ id, name }) => ({ value: id, label: name }))]
}

function CreateFeed({ onMade }: { onMade: (feed: MadeFeed) => void }) {
  const { t } = useTranslation('feeds')
  const { staffId } = useViewer()
  const textOf = useFailureText()
  const choices = useChoices()
  const [chosen, setChosen] = useState<string | null>(null)
  const [problem, setProblem] = useState<Failure | null>(null)
  const { run, isRunning } = useCommand(CreateCalendarFeed, (data) => data.createCalendarFeed)
  const value = chosen ?? choices[0]?.value ?? null
  if (choices.length === 0) return <Text size="sm">{t('notStaff')}</Text>

  async function create() {
    const { payload, failure } = await run({ input: value === MINE ? { staffId } : { roomId: value } })
    if (payload?.__typename !== 'NewCalendarFeed') return setProblem(payload === null ? failure : refusal(payload))
    onMade({ url: payload.url, name: readFragment(FeedFields, payload.feed).name })
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void create()
      }}
    >
      <Stack gap="sm">
        <Select label={t('of')} allowDeselect={false} data={choices} value={value} onChange={setChosen} />
        {problem !== null && (
          <Text role="alert" size="sm" c="var(--mantine-color-error)">
            {textOf(problem)}
          </Text>
        )}
        <Button type="submit" loading={isRunning} style={{ alignSelf: 'flex-start' }}>
          {t('create')}
        </Button>
      </Stack>
    </form>
  )
}
