import { Alert, Button, Drawer, Group, NumberInput, Select, Stack, Switch, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import type { MessageChannel, MessageEvent, RuleFieldsFragment } from '../../gql/graphql.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { type LeadTime, leadTimeOf, minutesOf, UNITS } from './lead-time.ts'
import { CreateMessageRule, UpdateMessageRule } from './rule-documents.ts'
import { TEXT_LANGUAGES } from './template-search.ts'

const EVENTS = ['REMINDER', 'BOOKED', 'MOVED', 'CANCELLED'] as const satisfies readonly MessageEvent[]
const CHANNELS = ['MAIL', 'SMS', 'IN_APP'] as const satisfies readonly MessageChannel[]
const ANY = 'any'

type Kind = { readonly id: string; readonly name: string }
type Wish = {
  readonly event: MessageEvent
  readonly channel: MessageChannel
  readonly typeId: string
  readonly lead: LeadTime
  readonly locale: string
  readonly isActive: boolean
}
const NEW: Wish = { event: 'REMINDER', channel: 'MAIL', typeId: ANY, lead: { amount: 1, unit: 'days' }, locale: ANY, isActive: true }

type RuleDrawerProps = { rule: RuleFieldsFragment | 'new' | null; types: readonly Kind[]; onClose: () => void }

/** Makes a rule, or changes what may change of one: its reason, type and channel are what it is. */
export function RuleDrawer({ rule, types, onClose }: RuleDrawerProps) {
  const { t } = useTranslation('messages')
  return (
    <Drawer
      opened={rule !== null}
      onClose={onClose}
      title={t(rule === 'new' ? 'rules.form.titleNew' : 'rules.form.titleEdit')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {rule !== null && <RuleForm key={rule === 'new' ? rule : rule.id} rule={rule === 'new' ? null : rule} types={types} onClose={onClose} />}
    </Drawer>
  )
}

function wishOf(rule: RuleFieldsFragment | null): Wish {
  if (rule === null) return NEW
  const { event, channel, appointmentType, leadMinutes, locale, isActive } = rule
  return {
    event,
    channel,
    typeId: appointmentType?.id ?? ANY,
    lead: leadMinutes === null ? NEW.lead : leadTimeOf(leadMinutes),
    locale: locale ?? ANY,
    isActive,
  }
}

function RuleForm({ rule, types, onClose }: { rule: RuleFieldsFragment | null; types: readonly Kind[]; onClose: () => void }) {
  const { t } = useTranslation('messages')
  const textOf = useFailureText()
  const [wish, setWish] = useState(() => wishOf(rule))
  const [problem, setProblem] = useState<Failure | null>(null)
  const creating = useCommand(CreateMessageRule, (data) => data.createMessageRule)
  const updating = useCommand(UpdateMessageRule, (data) => data.updateMessageRule)
  const change = (part: Partial<Wish>) => setWish((old) => ({ ...old, ...part }))

  async function submit() {
    const { event, channel, typeId, lead, isActive } = wish
    const locale = wish.locale === ANY ? null : wish.locale
    const leadPart = event === 'REMINDER' ? { leadMinutes: minutesOf(lead) } : {}
    const { payload, failure } =
      rule === null
        ? await creating.run({ input: { event, channel, appointmentTypeId: typeId === ANY ? null : typeId, locale, ...leadPart } })
        : await updating.run({ input: { id: rule.id, version: rule.version, locale, isActive, ...leadPart } })
    if (payload?.__typename !== 'MessageRule') return setProblem(payload === null ? failure : refusal(payload))
    notify({ color: 'pine', message: t(rule === null ? 'rules.form.created' : 'rules.form.saved') })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap="md">
        <WhatFields wish={wish} types={types} isFixed={rule !== null} onChange={change} />
        {wish.event === 'REMINDER' && <LeadFields lead={wish.lead} onChange={(lead) => change({ lead })} />}
        <LanguageField value={wish.locale} onChange={(locale) => change({ locale })} />
        {rule !== null && (
          <div>
            <Switch label={t('rules.form.active')} checked={wish.isActive} onChange={(event) => change({ isActive: event.currentTarget.checked })} />
            <Text size="xs" c="dimmed" mt={4}>
              {t('rules.form.activeHint')}
            </Text>
          </div>
        )}
        {problem !== null && (
          <Alert role="alert" color="clay" variant="light">
            {textOf(problem)}
          </Alert>
        )}
        <Button type="submit" size="md" loading={creating.isRunning || updating.isRunning}>
          {t(rule === null ? 'rules.form.create' : 'rules.form.save')}
        </Button>
      </Stack>
    </form>
  )
}

type WhatFieldsProps = { wish: Wish; types: readonly Kind[]; isFixed: boolean; onChange: (part: Partial<Wish>) => void }

function WhatFields({ wish, types, isFixed, onChange }: WhatFieldsProps) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  return (
    <>
      <Select
        label={t('rules.form.event')}
        disabled={isFixed}
        allowDeselect={false}
        data={EVENTS.map((value) => ({ value, label: label('messageEvent', value) }))}
        value={wish.event}
        onChange={(value) => onChange({ event: EVENTS.find((one) => one === value) ?? wish.event })}
      />
      <Select
        label={t('rules.form.type')}
        disabled={isFixed}
        allowDeselect={false}
        searchable={types.length > 8}
        data={[{ value: ANY, label: t('rules.anyType') }, ...types.map(({ id, name }) => ({ value: id, label: name }))]}
        value={wish.typeId}
        onChange={(typeId) => typeId !== null && onChange({ typeId })}
      />
      <Select
        label={t('rules.form.channel')}
        disabled={isFixed}
        allowDeselect={false}
        data={CHANNELS.map((value) => ({ value, label: label('messageChannel', value) }))}
        value={wish.channel}
        onChange={(value) => onChange({ channel: CHANNELS.find((one) => one === value) ?? wish.channel })}
      />
    </>
  )
}

function LanguageField({ value, onChange }: { value: string; onChange: (locale: string) => void }) {
  const { t } = useTranslation('messages')
  return (
    <Select
      label={t('rules.form.language')}
      allowDeselect={false}
      data={[{ value: ANY, label: t('rules.anyLanguage') }, ...TEXT_LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] ?? one }))]}
      value={value}
      onChange={(locale) => locale !== null && onChange(locale)}
    />
  )
}

const UNIT_TEXTS = { days: 'rules.form.unitDays', hours: 'rules.form.unitHours', minutes: 'rules.form.unitMinutes' } as const

function LeadFields({ lead, onChange }: { lead: LeadTime; onChange: (lead: LeadTime) => void }) {
  const { t } = useTranslation('messages')
  return (
    <Group grow gap="sm" align="end">
      <NumberInput
        label={t('rules.form.lead')}
        min={1}
        max={43_200}
        allowDecimal={false}
        allowNegative={false}
        value={lead.amount}
        onChange={(amount) => onChange({ ...lead, amount: Number(amount) })}
      />
      <Select
        label={t('rules.form.unit')}
        allowDeselect={false}
        data={UNITS.map(({ unit }) => ({ value: unit, label: t(UNIT_TEXTS[unit]) }))}
        value={lead.unit}
        onChange={(value) => onChange({ ...lead, unit: UNITS.find(({ unit }) => unit === value)?.unit ?? lead.unit })}
      />
    </Group>
  )
}
