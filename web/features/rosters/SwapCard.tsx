import { Badge, Button, Group, Paper, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { ShiftSwapStatus, SwapFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { showProblem } from '../scheduling/undo-toast.tsx'
import { ShiftFields } from './roster-documents.ts'
import type { Deciding } from './SwapDialog.tsx'
import { AcceptSwap } from './trade-documents.ts'
import { stepsOf } from './trading.ts'
import { useRosterTexts } from './use-roster-texts.ts'

const COLOUR_OF: Record<ShiftSwapStatus, string> = { ASKED: 'amber', ACCEPTED: 'amber', APPROVED: 'pine', REFUSED: 'clay', WITHDRAWN: 'gray' }

type SwapCardProps = {
  swap: SwapFieldsFragment
  reader: Parameters<typeof stepsOf>[1]
  onDecide: (deciding: Deciding) => void
}

/** One swap: who gives what to whom, how far it is, and what the reader may do. */
export function SwapCard({ swap, reader, onDecide }: SwapCardProps) {
  const { t } = useTranslation('rosters')
  const format = useFormat()
  const texts = useRosterTexts()
  const shift = readFragment(ShiftFields, swap.shift)
  const counter = swap.counterShift && readFragment(ShiftFields, swap.counterShift)
  const { from, to, status, reason, decisionReason } = swap
  const what = texts.shift(shift)
  return (
    <Paper component="article" withBorder p="sm" aria-label={t('swaps.label', { name: from.name, shift: what })}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>{to === null ? t('swaps.toAnybody', { from: from.name }) : t('swaps.toPerson', { from: from.name, to: to.name })}</Text>
          <Text size="sm">{what}</Text>
          {counter && <Text size="sm">{t('swaps.inReturn', { shift: texts.shift(counter) })}</Text>}
          {reason !== null && (
            <Text size="sm" c="dimmed">
              {t('swaps.reason', { reason })}
            </Text>
          )}
          <Group gap={6} mt={4}>
            <Badge color={COLOUR_OF[status]}>{t(`swapStatus.${status}`)}</Badge>
            <Text size="xs" c="dimmed">
              {t('swaps.askedAt', { when: format.dateTime(swap.askedAt) })}
            </Text>
          </Group>
          {decisionReason !== null && <Text size="sm">{t('swaps.because', { reason: decisionReason })}</Text>}
        </div>
        <Steps swap={swap} steps={stepsOf({ status, from, to, shift }, reader)} isAsked={to !== null && to.id === reader.staffId} onDecide={onDecide} />
      </Group>
    </Paper>
  )
}

type StepsProps = { swap: SwapFieldsFragment; steps: ReturnType<typeof stepsOf>; isAsked: boolean; onDecide: (deciding: Deciding) => void }

function Steps({ swap, steps, isAsked, onDecide }: StepsProps) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(AcceptSwap, (data) => data.acceptSwap)

  async function accept() {
    const { payload, failure } = await run({ input: { id: swap.id, version: swap.version } })
    if (payload?.__typename !== 'ShiftSwap') return showProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('swaps.accepted') })
  }

  return (
    <Group gap="xs">
      {steps.map((step) =>
        step === 'accept' ? (
          <Button key={step} loading={isRunning} onClick={() => void accept()}>
            {t('swaps.accept')}
          </Button>
        ) : (
          <Button key={step} variant={step === 'approve' ? 'filled' : 'default'} onClick={() => onDecide({ swap, step })}>
            {t(step === 'refuse' && isAsked ? 'swaps.decline' : `swaps.${step}`)}
          </Button>
        ),
      )}
    </Group>
  )
}
