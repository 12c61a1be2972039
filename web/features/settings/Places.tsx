import { Badge, Button, Stack, Switch, Table, Text } from '@mantine/core'
import { IconDoor, IconPlus, IconStethoscope } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import type { EquipmentFieldsFragment, RoomFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { type EditedPlace, PlaceDrawer } from './PlaceDrawer.tsx'
import { EquipmentFields, PlacesDocument, RoomFields } from './place-documents.ts'

const route = getRouteApi('/signed-in/settings/clinic')

/** Rooms and equipment of the clinic, in the order of the calendar. */
export function Places() {
  const { archived } = route.useSearch()
  const can = useCan()
  const [edited, setEdited] = useState<EditedPlace | null>(null)
  const [result, retry] = useLiveQuery(['Room', 'Equipment'], { query: PlacesDocument, variables: { includeArchived: archived === 'shown' } })
  const onEdit = can('clinic:administer') ? setEdited : null
  return (
    <>
      <PlaceSection what="room" onEdit={onEdit}>
        <QueryView result={result} onRetry={retry} skeletonHeight={120}>
          {({ rooms }) => <RoomTable rooms={rooms.map((masked) => readFragment(RoomFields, masked))} onEdit={onEdit} />}
        </QueryView>
      </PlaceSection>
      <PlaceSection what="equipment" onEdit={onEdit}>
        <QueryView result={result} onRetry={retry} skeletonHeight={120}>
          {({ equipment }) => <EquipmentTable machines={equipment.map((masked) => readFragment(EquipmentFields, masked))} onEdit={onEdit} />}
        </QueryView>
      </PlaceSection>
      <PlaceDrawer edited={edited} onClose={() => setEdited(null)} />
    </>
  )
}

type OnEdit = ((edited: EditedPlace) => void) | null

function PlaceSection({ what, onEdit, children }: { what: EditedPlace['what']; onEdit: OnEdit; children: ReactNode }) {
  const { t } = useTranslation('settings')
  const { archived } = route.useSearch()
  const navigate = useNavigate({ from: '/settings/clinic' })
  const add = onEdit && (
    <Button size="xs" leftSection={<IconPlus size={16} />} onClick={() => onEdit({ what, current: null })}>
      {t(`${what}.add`)}
    </Button>
  )
  return (
    <Section title={t(`${what}.title`)} aside={add}>
      <Stack gap="sm">
        <Switch
          size="xs"
          label={t('archived.show')}
          aria-label={t(`${what}.showArchived`)}
          checked={archived === 'shown'}
          onChange={() => void navigate({ search: (old) => ({ ...old, archived: old.archived === 'shown' ? undefined : 'shown' }), resetScroll: false })}
        />
        {children}
      </Stack>
    </Section>
  )
}

function RoomTable({ rooms, onEdit }: { rooms: readonly RoomFieldsFragment[]; onEdit: OnEdit }) {
  const { t } = useTranslation('settings')
  const label = useCodeLabel()
  if (rooms.length === 0) return <StateMessage icon={<IconDoor size={34} stroke={1.5} />} title={t('room.empty')} />
  return (
    <DataTable label={t('room.title')} columns={[{ label: t('place.name') }, { label: t('place.kind') }]}>
      {rooms.map((room) => (
        <PlaceRow
          key={room.id}
          name={room.name}
          isArchived={room.isArchived}
          kind={label('roomKind', room.kind)}
          onEdit={onEdit && (() => onEdit({ what: 'room', current: { ...room, serialNumber: null } }))}
        />
      ))}
    </DataTable>
  )
}

function EquipmentTable({ machines, onEdit }: { machines: readonly EquipmentFieldsFragment[]; onEdit: OnEdit }) {
  const { t } = useTranslation('settings')
  const label = useCodeLabel()
  if (machines.length === 0)
    return (
      <StateMessage icon={<IconStethoscope size={34} stroke={1.5} />} title={t('equipment.empty')}>
        {t('equipment.emptyText')}
      </StateMessage>
    )
  return (
    <DataTable label={t('equipment.title')} columns={[{ label: t('place.name') }, { label: t('place.kind') }]}>
      {machines.map((machine) => (
        <PlaceRow
          key={machine.id}
          name={machine.name}
          isArchived={machine.isArchived}
          kind={label('equipmentKind', machine.kind)}
          note={machine.serialNumber === null ? null : t('place.serial', { number: machine.serialNumber })}
          onEdit={onEdit && (() => onEdit({ what: 'equipment', current: machine }))}
        />
      ))}
    </DataTable>
  )
}

type PlaceRowProps = { name: string; kind: string; isArchived: boolean; note?: string | null; onEdit: (() => void) | null }

function PlaceRow({ name, kind, isArchived, note = null, onEdit }: PlaceRowProps) {
  const { t } = useTranslation('settings')
  return (
    <Table.Tr>
      <Table.Td>
        {name} {isArchived && <Badge color="gray">{t('archived.badge')}</Badge>}
        {note !== null && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        {kind}
        {onEdit !== null && (
          <div>
            <Button variant="subtle" size="compact-xs" px={0} aria-label={t('place.editOf', { name })} onClick={onEdit}>
              {t('place.edit')}
            </Button>
          </div>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
