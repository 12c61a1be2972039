import { Button, Drawer, NumberInput, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { WorkRuleQuery } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { Problem } from './Problem.tsx'
import { SetWorkRule, WorkRuleDocument } from './plan-documents.ts'

type Rule = WorkRuleQuery['workRule']
type RuleDrawerProps = { monday: string; isOpen: boolean; onClose: () => void }

/** The limits of work time that the plan watches. */
export function RuleDrawer({ monday, isOpen, onClose }: RuleDrawerProps) {
  const { t } = useTranslation('rosters')
  const [result, retry] = useQuery({ query: WorkRuleDocument, variables: { date: monday }, pause: !isOpen })
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('rule.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && (
        <QueryView result={result} onRetry={retry}>
          {({ workRule }) => <RuleForm key={workRule.version} rule={workRule} onClose={onClose} />}
        </QueryView>
      )}
    </Drawer>
  )
}

const LIMITS = [
  { name: 'maxWeekMinutes', max: 168 },
  { name: 'maxDayMinutes', max: 24 },
  { name: 'maxMixedMinutes', max: 24 },
  { name: 'maxNightMinutes', max: 24 },
  { name: 'minRestMinutes', max: 24 },
] as const

function RuleForm({ rule, onClose }: { rule: Rule; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const [draft, setDraft] = useState(rule)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(SetWorkRule, (data) => data.setWorkRule)

  async function save() {
    const { maxWeekMinutes, maxDayMinutes, maxMixedMinutes, maxNightMinutes, minRestMinutes, maxConsecutiveDays, version } = draft
    const input = { version, maxWeekMinutes, maxDayMinutes, maxMixedMinutes, maxNightMinutes, minRestMinutes, maxConsecutiveDays }
    const { payload, failure } = await run({ input })
    if (payload?.__typename !== 'WorkRule') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('saved') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t(rule.isPreset ? 'rule.preset' : 'rule.own')}
        </Text>
        <LimitFields rule={draft} onChange={(part) => setDraft((old) => ({ ...old, ...part }))} />
        <Problem text={problem} />
        <Button type="submit" loading={isRunning}>
          {t('save')}
        </Button>
      </Stack>
    </form>
  )
}

function LimitFields({ rule, onChange }: { rule: Rule; onChange: (part: Partial<Rule>) => void }) {
  const { t } = useTranslation('rosters')
  return (
    <>
      {LIMITS.map(({ name, max }) => (
        <NumberInput
          key={name}
          label={t(`rule.${name}`)}
          description={name === 'maxMixedMinutes' ? t('rule.mixedHint') : undefined}
          suffix={` ${t('rule.hours')}`}
          min={name === 'minRestMinutes' ? 0 : 1}
          max={max}
          step={0.5}
          decimalScale={2}
          value={rule[name] / 60}
          onChange={(hours) => typeof hours === 'number' && onChange({ [name]: Math.round(hours * 60) })}
        />
      ))}
      <NumberInput
        label={t('rule.maxConsecutiveDays')}
        min={1}
        max={14}
        allowDecimal={false}
        value={rule.maxConsecutiveDays}
        onChange={(days) => typeof days === 'number' && onChange({ maxConsecutiveDays: days })}
      />
    </>
  )
}
