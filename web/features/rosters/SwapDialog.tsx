import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { SwapFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { ShiftFields } from './roster-documents.ts'
import { ApproveSwap, RefuseSwap, WithdrawSwap } from './trade-documents.ts'
import type { SwapStep } from './trading.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type Decision = Exclude<SwapStep, 'accept'>
export type Deciding = { swap: SwapFieldsFragment; step: Decision }

/** Approves, refuses or withdraws, after saying what that does. */
export function SwapDialog({ deciding, onClose }: { deciding: Deciding | null; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  return (
    <Modal
      opened={deciding !== null}
      onClose={onClose}
      title={deciding === null ? '' : t(`decide.${deciding.step}.title`)}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {deciding !== null && <DecisionForm key={`${deciding.swap.id} ${deciding.step}`} deciding={deciding} onClose={onClose} />}
    </Modal>
  )
}

function useDecision({ swap: { id, version }, step }: Deciding) {
  const approve = useCommand(ApproveSwap, (data) => data.approveSwap)
  const refuse = useCommand(RefuseSwap, (data) => data.refuseSwap)
  const withdraw = useCommand(WithdrawSwap, (data) => data.withdrawSwap)
  const decide = (reason: string) => {
    if (step === 'approve') return approve.run({ input: { id, version, reason: reason || null } })
    return step === 'refuse' ? refuse.run({ input: { id, version, reason } }) : withdraw.run({ input: { id, version } })
  }
  return { decide, isDeciding: approve.isRunning || refuse.isRunning || withdraw.isRunning }
}

function DecisionForm({ deciding, onClose }: { deciding: Deciding; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const [reason, setReason] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { decide, isDeciding } = useDecision(deciding)
  const { swap, step } = deciding
  const shift = readFragment(ShiftFields, swap.shift)

  async function submit() {
    const { payload, failure } = await decide(reason.trim())
    if (payload?.__typename !== 'ShiftSwap') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t(`decide.${step}.done`) })
    onClose()
  }

  return (
    <Stack gap="md">
      <Text size="sm">
        {swap.from.name}: {texts.shift(shift)}
      </Text>
      <Text size="sm">{t(`decide.${step}.text`)}</Text>
      {step !== 'withdraw' && (
        <Textarea
          label={t(`decide.${step}.reason`)}
          required={step === 'refuse'}
          maxLength={300}
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <Problem text={problem} />
      <Group gap="xs">
        <Button
          color={step === 'approve' ? undefined : 'clay'}
          loading={isDeciding}
          disabled={step === 'refuse' && reason.trim() === ''}
          onClick={() => void submit()}
        >
          {t(`decide.${step}.submit`)}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('back')}
        </Button>
      </Group>
    </Stack>
  )
}
