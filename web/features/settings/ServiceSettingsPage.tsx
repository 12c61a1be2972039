import { Badge, Button, ColorSwatch, Group, Stack, Switch, Table, Text } from '@mantine/core'
import { IconClipboardList, IconPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { ForbiddenState } from '../../FailureState.tsx'
import type { TypeFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TypeDrawer } from './TypeDrawer.tsx'
import { AllAppointmentTypes, TypeFields } from './type-documents.ts'
import { useNeedsText } from './use-needs-text.ts'

const route = getRouteApi('/signed-in/settings/services')
/** In the address, in place of an id. */
const NEW = 'new'

/** What can be booked, for how long, and what each kind of visit needs. */
export function ServiceSettingsPage() {
  const { t } = useTranslation('settings')
  const can = useCan()
  const navigate = useNavigate({ from: '/settings/services' })
  const isOpen = can('service:manage')
  const edit = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, edit: id }), replace: id === undefined, resetScroll: false })
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => edit(NEW)}>
      {t('type.add')}
    </Button>
  )
  return (
    <Page title={t('type.title')} lead={t('type.lead')} actions={isOpen && add}>
      {isOpen ? <Types onEdit={edit} /> : <ForbiddenState permission="service:manage" roles={[]} />}
    </Page>
  )
}

function Types({ onEdit }: { onEdit: (id: string | undefined) => void }) {
  const { t } = useTranslation('settings')
  const { archived, edit } = route.useSearch()
  const navigate = useNavigate({ from: '/settings/services' })
  const [result, retry] = useLiveQuery(['AppointmentType'], { query: AllAppointmentTypes, variables: { includeArchived: archived === 'shown' } })
  const columns = [
    { label: t('type.name') },
    { label: t('type.duration'), isNumeric: true },
    { label: t('type.needs'), isSecondary: true },
    { label: t('type.online'), isSecondary: true },
  ]
  return (
    <Section title={t('type.list')}>
      <Stack gap="sm">
        <Switch
          size="xs"
          label={t('archived.show')}
          checked={archived === 'shown'}
          onChange={() => void navigate({ search: (old) => ({ ...old, archived: old.archived === 'shown' ? undefined : 'shown' }), resetScroll: false })}
        />
        <QueryView result={result} onRetry={retry} skeletonHeight={200}>
          {(data) => {
            const types = data.appointmentTypes.map((masked) => readFragment(TypeFields, masked))
            return (
              <>
                {types.length === 0 ? (
                  <StateMessage icon={<IconClipboardList size={34} stroke={1.5} />} title={t('type.empty')} />
                ) : (
                  <DataTable label={t('type.list')} columns={columns}>
                    {types.map((type) => (
                      <Row key={type.id} type={type} onEdit={() => onEdit(type.id)} />
                    ))}
                  </DataTable>
                )}
                <TypeDrawer edited={edit === NEW ? NEW : (types.find(({ id }) => id === edit) ?? null)} onClose={() => onEdit(undefined)} />
              </>
            )
          }}
        </QueryView>
      </Stack>
    </Section>
  )
}

function Row({ type, onEdit }: { type: TypeFieldsFragment; onEdit: () => void }) {
  const { t } = useTranslation('settings')
  const needs = useNeedsText()(type)
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={8} wrap="nowrap" align="start">
          <ColorSwatch color={type.colour} size={14} mt={3} withShadow={false} aria-hidden="true" />
          <div style={{ minWidth: 0 }}>
            {type.name} {type.isArchived && <Badge color="gray">{t('archived.badge')}</Badge>}
            <Text size="xs" c="dimmed" hiddenFrom="sm">
              {needs}
              {type.isOnline && ` · ${t('type.isOnline')}`}
            </Text>
            <div>
              <Button variant="subtle" size="compact-xs" px={0} aria-label={t('place.editOf', { name: type.name })} onClick={onEdit}>
                {t('place.edit')}
              </Button>
            </div>
          </div>
        </Group>
      </Table.Td>
      <Table.Td ta="right">{t('type.minutes', { count: type.durationMinutes })}</Table.Td>
      <Table.Td visibleFrom="sm">{needs}</Table.Td>
      <Table.Td visibleFrom="sm">{t(type.isOnline ? 'type.yes' : 'type.no')}</Table.Td>
    </Table.Tr>
  )
}
