import { Button, Drawer, Select, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { SwapWeeksQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useViewer } from '../../session/viewer.ts'
import { addDays } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { ShiftFields } from './roster-documents.ts'
import { isPlanned, type Shift } from './roster-week.ts'
import { AskSwap, SwapWeeksDocument } from './trade-documents.ts'
import { useRosterTexts } from './use-roster-texts.ts'

/** Asks a colleague, or anybody who can, to take a shift; perhaps for one of theirs. */
export function AskSwapDrawer({ shift, onClose }: { shift: Shift | null; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  const date = shift?.date ?? '1970-01-01'
  const [result, retry] = useQuery({
    query: SwapWeeksDocument,
    variables: { date, next: addDays(date, 7) },
    pause: shift === null,
  })
  return (
    <Drawer opened={shift !== null} onClose={onClose} title={t('ask.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {shift !== null && (
        <QueryView result={result} onRetry={retry}>
          {(data) => <AskForm key={shift.id} shift={shift} data={data} onClose={onClose} />}
        </QueryView>
      )}
    </Drawer>
  )
}

const ANYBODY = 'anybody'
const NOTHING = 'nothing'

/** Published shifts of a colleague to come that are worth the same. */
function offersOf({ week, nextWeek }: SwapWeeksQuery, staffId: string, position: string): Shift[] {
  return [week, nextWeek]
    .filter(({ roster }) => roster?.status === 'PUBLISHED')
    .flatMap(({ shifts }) => shifts.map((masked) => readFragment(ShiftFields, masked)))
    .filter((one) => one.staff?.id === staffId && one.position === position && isPlanned(one) && new Date(one.startsAt) > new Date())
}

type Wish = { to: string; counter: string; reason: string }

function useAsk(shift: Shift, onAsked: () => void) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(AskSwap, (answer) => answer.askSwap)

  async function ask({ to, counter, reason }: Wish): Promise<void> {
    const wish = { toStaffId: to === ANYBODY ? null : to, counterShiftId: counter === NOTHING ? null : counter, reason: reason.trim() || null }
    const { payload, failure } = await run({ input: { shiftId: shift.id, ...wish } })
    if (payload?.__typename !== 'ShiftSwap') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('ask.done') })
    onAsked()
  }
  return { ask, isAsking: isRunning, problem }
}

type AskFormProps = { shift: Shift; data: SwapWeeksQuery; onClose: () => void }

function AskForm({ shift, data, onClose }: AskFormProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const [wish, setWish] = useState<Wish>({ to: ANYBODY, counter: NOTHING, reason: '' })
  const { ask, isAsking, problem } = useAsk(shift, onClose)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void ask(wish)
      }}
    >
      <Stack gap="md">
        <Text size="sm">{texts.shift(shift)}</Text>
        <SwapChoices shift={shift} data={data} wish={wish} onChange={setWish} />
        <Textarea
          label={t('ask.reason')}
          maxLength={300}
          autosize
          minRows={2}
          value={wish.reason}
          onChange={(event) => setWish({ ...wish, reason: event.currentTarget.value })}
        />
        <Text size="sm" c="dimmed">
          {t('ask.hint')}
        </Text>
        <Problem text={problem} />
        <Button type="submit" loading={isAsking}>
          {t('ask.submit')}
        </Button>
      </Stack>
    </form>
  )
}

type SwapChoicesProps = { shift: Shift; data: SwapWeeksQuery; wish: Wish; onChange: (wish: Wish) => void }

/** Who is asked, and for which of their shifts. */
function SwapChoices({ shift, data, wish, onChange }: SwapChoicesProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const { staffId } = useViewer()
  const colleagues = data.staff.edges.map(({ node }) => node).filter(({ id, position }) => id !== staffId && position === shift.position)
  const offers = wish.to === ANYBODY ? [] : offersOf(data, wish.to, shift.position)
  return (
    <>
      <Select
        label={t('ask.to')}
        description={t('ask.toHint', { position: texts.position(shift.position) })}
        data={[{ value: ANYBODY, label: t('ask.anybody') }, ...colleagues.map(({ id, name }) => ({ value: id, label: name }))]}
        value={wish.to}
        onChange={(to) => to !== null && onChange({ ...wish, to, counter: NOTHING })}
        allowDeselect={false}
        data-autofocus
      />
      {wish.to !== ANYBODY && (
        <Select
          label={t('ask.counter')}
          data={[{ value: NOTHING, label: t('ask.nothing') }, ...offers.map((one) => ({ value: one.id, label: texts.shift(one) }))]}
          value={wish.counter}
          onChange={(counter) => counter !== null && onChange({ ...wish, counter })}
          allowDeselect={false}
        />
      )}
    </>
  )
}
