import { Alert, Button, Drawer, Select, Stack, Text, Textarea } from '@mantine/core'
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
    requestPolicy: 'cache-and-network',
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

function AskForm({ shift, data, onClose }: { shift: Shift; data: SwapWeeksQuery; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const { staffId } = useViewer()
  const [to, setTo] = useState(ANYBODY)
  const [counter, setCounter] = useState(NOTHING)
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(AskSwap, (answer) => answer.askSwap)
  const colleagues = data.staff.edges.map(({ node }) => node).filter(({ id, position }) => id !== staffId && position === shift.position)

  async function ask() {
    const input = {
      shiftId: shift.id,
      toStaffId: to === ANYBODY ? null : to,
      counterShiftId: counter === NOTHING ? null : counter,
      reason: reason.trim() || null,
    }
    const { payload, failure } = await run({ input })
    if (payload?.__typename !== 'ShiftSwap') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('ask.done') })
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
        <Text size="sm">{texts.shift(shift)}</Text>
        <Select
          label={t('ask.to')}
          description={t('ask.toHint', { position: texts.position(shift.position) })}
          data={[{ value: ANYBODY, label: t('ask.anybody') }, ...colleagues.map(({ id, name }) => ({ value: id, label: name }))]}
          value={to}
          onChange={(id) => {
            setTo(id ?? ANYBODY)
            setCounter(NOTHING)
          }}
          allowDeselect={false}
          data-autofocus
        />
        {to !== ANYBODY && (
          <Select
            label={t('ask.counter')}
            data={[
              { value: NOTHING, label: t('ask.nothing') },
              ...offersOf(data, to, shift.position).map((one) => ({ value: one.id, label: texts.shift(one) })),
            ]}
            value={counter}
            onChange={(id) => setCounter(id ?? NOTHING)}
            allowDeselect={false}
          />
        )}
        <Textarea label={t('ask.reason')} maxLength={300} autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Text size="sm" c="dimmed">
          {t('ask.hint')}
        </Text>
        {problem !== null && (
          <Alert role="alert" color="clay" variant="light">
            {problem}
          </Alert>
        )}
        <Button type="submit" loading={isRunning}>
          {t('ask.submit')}
        </Button>
      </Stack>
    </form>
  )
}
