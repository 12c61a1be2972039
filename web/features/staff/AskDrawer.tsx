import { Alert, Button, Checkbox, Drawer, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { TimeOffTypesQuery } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { addDays, dateIn } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { RequestTimeOff, TimeOffTypesDocument } from './time-off-documents.ts'

type Kind = TimeOffTypesQuery['timeOffTypes'][number]

export function AskDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('staff')
  const [result, retry] = useQuery({ query: TimeOffTypesDocument, pause: !isOpen })
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('timeOff.ask.open')} closeButtonProps={{ 'aria-label': t('timeOff.close') }}>
      {isOpen && (
        <QueryView result={result} onRetry={retry}>
          {(data) => <AskForm types={data.timeOffTypes} onClose={onClose} />}
        </QueryView>
      )}
    </Drawer>
  )
}

type Wish = { typeId: string; firstDay: string; lastDay: string; isPart: boolean; start: string; end: string; reason: string }

function useWish(types: readonly Kind[]) {
  const { timeZone } = useFormat()
  const tomorrow = addDays(dateIn(timeZone, new Date()), 1)
  const [wish, setWish] = useState<Wish>({
    typeId: types[0]?.id ?? '',
    firstDay: tomorrow,
    lastDay: tomorrow,
    isPart: false,
    start: '09:00',
    end: '13:00',
    reason: '',
  })
  const change = (part: Partial<Wish>) => setWish((old) => ({ ...old, ...part }))
  // The last day follows the first one, which most people choose first.
  const chooseFirst = (firstDay: string) => change({ firstDay, ...(wish.lastDay < firstDay ? { lastDay: firstDay } : {}) })
  const isComplete = wish.typeId !== '' && wish.firstDay !== '' && (wish.isPart ? wish.start !== '' && wish.end !== '' : wish.lastDay !== '')
  return { wish, change, chooseFirst, isComplete }
}

function AskForm({ types, onClose }: { types: readonly Kind[]; onClose: () => void }) {
  const { t } = useTranslation('staff')
  const textOf = useFailureText()
  const { wish, change, chooseFirst, isComplete } = useWish(types)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(RequestTimeOff, (data) => data.requestTimeOff)

  async function ask() {
    const { typeId, firstDay, lastDay, isPart, start, end, reason } = wish
    const days = isPart ? { firstDay, lastDay: firstDay, start, end } : { firstDay, lastDay }
    const { payload, failure } = await run({ input: { typeId, ...days, reason: reason.trim() || null } })
    if (payload?.__typename !== 'TimeOffRequest') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('timeOff.ask.done') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void ask()
      }}
    >
      <Stack gap="md">
        <Select
          label={t('timeOff.ask.type')}
          data={types.map(({ id, name }) => ({ value: id, label: name }))}
          value={wish.typeId}
          onChange={(typeId) => typeId !== null && change({ typeId })}
          allowDeselect={false}
          data-autofocus
        />
        <DayFields wish={wish} onChange={change} onFirst={chooseFirst} />
        <Textarea
          label={t('timeOff.ask.reason')}
          description={t('timeOff.ask.reasonHint')}
          maxLength={500}
          autosize
          minRows={2}
          value={wish.reason}
          onChange={(event) => change({ reason: event.currentTarget.value })}
        />
        {problem !== null && (
          <Alert role="alert" color="clay" variant="light">
            {problem}
          </Alert>
        )}
        <Button type="submit" size="md" loading={isRunning} disabled={!isComplete}>
          {t('timeOff.ask.submit')}
        </Button>
      </Stack>
    </form>
  )
}

type DayFieldsProps = { wish: Wish; onChange: (part: Partial<Wish>) => void; onFirst: (day: string) => void }

function DayFields({ wish, onChange, onFirst }: DayFieldsProps) {
  const { t } = useTranslation('staff')
  const field = (name: 'lastDay' | 'start' | 'end', type: 'date' | 'time') => (
    <TextInput type={type} label={t(`timeOff.ask.${name}`)} value={wish[name]} onChange={(event) => onChange({ [name]: event.currentTarget.value })} />
  )
  return (
    <>
      <SimpleGrid cols={wish.isPart ? 1 : 2} spacing="sm">
        <TextInput
          type="date"
          label={t(wish.isPart ? 'timeOff.ask.day' : 'timeOff.ask.firstDay')}
          value={wish.firstDay}
          onChange={(event) => onFirst(event.currentTarget.value)}
        />
        {!wish.isPart && field('lastDay', 'date')}
      </SimpleGrid>
      <Checkbox label={t('timeOff.ask.part')} checked={wish.isPart} onChange={(event) => onChange({ isPart: event.currentTarget.checked })} />
      {wish.isPart && (
        <SimpleGrid cols={2} spacing="sm">
          {field('start', 'time')}
          {field('end', 'time')}
        </SimpleGrid>
      )}
    </>
  )
}
