import { Badge, Button, Checkbox, Drawer, Group, Paper, Stack, Text } from '@mantine/core'
import { IconPlus, IconStack2 } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { ShiftTemplateFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { ShiftTemplateFields, ShiftTemplatesDocument } from './plan-documents.ts'
import { TemplateForm } from './TemplateForm.tsx'
import { useRosterTexts } from './use-roster-texts.ts'

type Template = ShiftTemplateFieldsFragment

/** The kinds of shift of the clinic. */
export function TemplatesDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('templates.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <Templates />}
    </Drawer>
  )
}

function Templates() {
  const { t } = useTranslation('rosters')
  const [isWithArchived, setWithArchived] = useState(false)
  const [editing, setEditing] = useState<Template | 'new' | null>(null)
  const [result, retry] = useQuery({ query: ShiftTemplatesDocument, variables: { includeArchived: isWithArchived } })
  if (editing !== null) return <TemplateForm template={editing === 'new' ? null : editing} onDone={() => setEditing(null)} />
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          {t('templates.add')}
        </Button>
        <Checkbox label={t('templates.archived')} checked={isWithArchived} onChange={(event) => setWithArchived(event.currentTarget.checked)} />
      </Group>
      <QueryView result={result} onRetry={retry} skeletonHeight={120}>
        {({ shiftTemplates }) =>
          shiftTemplates.length === 0 ? (
            <StateMessage icon={<IconStack2 size={34} stroke={1.5} />} title={t('templates.empty')}>
              {t('templates.emptyText')}
            </StateMessage>
          ) : (
            <Stack gap="xs">
              {shiftTemplates.map((masked) => (
                <Kind key={masked.id} template={readFragment(ShiftTemplateFields, masked)} onEdit={setEditing} />
              ))}
            </Stack>
          )
        }
      </QueryView>
    </Stack>
  )
}

function Kind({ template, onEdit }: { template: Template; onEdit: (template: Template) => void }) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const { name, code, colour, breakStart, breakEnd, position, capacity, isArchived } = template
  return (
    <Paper component="article" withBorder p="sm" aria-label={name} style={{ borderLeft: `5px solid ${colour}` }}>
      <Group justify="space-between" gap="sm" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>
            {name} {isArchived && <Badge color="gray">{t('templates.isArchived')}</Badge>}
          </Text>
          <Text size="sm">
            {texts.times(template)}
            {breakStart !== null && breakEnd !== null && ` · ${t('times.break', { start: breakStart, end: breakEnd })}`}
          </Text>
          <Text size="sm" c="dimmed">
            {texts.position(position)} · {t('templates.perDay', { count: capacity })} · <code>{code}</code>
          </Text>
        </div>
        <Button variant="default" size="xs" aria-label={t('templates.changeOf', { name })} onClick={() => onEdit(template)}>
          {t('change')}
        </Button>
      </Group>
    </Paper>
  )
}
