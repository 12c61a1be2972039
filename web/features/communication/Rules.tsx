import { Badge, Button, Stack, Table, Text } from '@mantine/core'
import { IconMessage2Off, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { RuleFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { leadTimeOf } from './lead-time.ts'
import { RuleDrawer } from './RuleDrawer.tsx'
import { MessageRulesDocument, RuleFields } from './rule-documents.ts'

/** When owners and colleagues are told of visits at the clinic. */
export function Rules() {
  const { t } = useTranslation('messages')
  const [editing, setEditing] = useState<RuleFieldsFragment | 'new' | null>(null)
  const [result, retry] = useLiveQuery(['MessageRule', 'AppointmentType'], { query: MessageRulesDocument })
  const add = (
    <Button size="compact-sm" leftSection={<IconPlus size={15} />} onClick={() => setEditing('new')}>
      {t('rules.add')}
    </Button>
  )
  return (
    <Section title={t('rules.title')} aside={add}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('rules.lead')}
      </Text>
      <QueryView result={result} onRetry={retry} skeletonHeight={160}>
        {({ messageRules, appointmentTypes }) => (
          <Stack gap="sm">
            {messageRules.length === 0 ? (
              <StateMessage icon={<IconMessage2Off size={34} stroke={1.5} />} title={t('rules.empty')}>
                {t('rules.emptyText')}
              </StateMessage>
            ) : (
              <RuleTable rules={messageRules.map((one) => readFragment(RuleFields, one))} onEdit={setEditing} />
            )}
            <RuleDrawer rule={editing} types={appointmentTypes} onClose={() => setEditing(null)} />
          </Stack>
        )}
      </QueryView>
    </Section>
  )
}

/** A rule in a few words: "Reminder, 1 day before". */
function useRuleText(): (rule: RuleFieldsFragment) => string {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  return ({ event, leadMinutes }) => {
    if (leadMinutes === null) return label('messageEvent', event)
    const { amount, unit } = leadTimeOf(leadMinutes)
    return `${label('messageEvent', event)}, ${t('rules.before', { time: t(`rules.${unit}`, { count: amount }) })}`
  }
}

function RuleTable({ rules, onEdit }: { rules: readonly RuleFieldsFragment[]; onEdit: (rule: RuleFieldsFragment) => void }) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const textOf = useRuleText()
  const columns = [
    { label: t('rules.column.event') },
    { label: t('rules.column.type'), isSecondary: true },
    { label: t('rules.column.channel'), isSecondary: true },
    { label: t('rules.column.language'), isSecondary: true },
    { label: t('rules.column.state') },
  ]
  return (
    <DataTable label={t('rules.title')} columns={columns}>
      {rules.map((rule) => {
        const type = rule.appointmentType?.name ?? t('rules.anyType')
        const channel = label('messageChannel', rule.channel)
        return (
          <Table.Tr key={rule.id}>
            <Table.Td>
              {textOf(rule)}
              <Text size="xs" c="dimmed" hiddenFrom="sm">
                {type} · {channel}
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">{type}</Table.Td>
            <Table.Td visibleFrom="sm">{channel}</Table.Td>
            <Table.Td visibleFrom="sm">{rule.locale === null ? t('rules.anyLanguage') : (LANGUAGE_NAMES[rule.locale] ?? rule.locale)}</Table.Td>
            <Table.Td>
              <Badge color={rule.isActive ? 'pine' : 'gray'}>{t(rule.isActive ? 'rules.active' : 'rules.inactive')}</Badge>
              <div>
                <Button
                  mt={4}
                  variant="subtle"
                  size="compact-xs"
                  aria-label={t('rules.editFor', { rule: `${textOf(rule)} · ${type} · ${channel}` })}
                  onClick={() => onEdit(rule)}
                >
                  {t('rules.edit')}
                </Button>
              </div>
            </Table.Td>
          </Table.Tr>
        )
      })}
    </DataTable>
  )
}
