import { Alert, Button, Drawer, Select, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { refusal } from '../../failure.ts'
import type { PlacesQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ClosedTimeFields } from './ClosedTimeFields.tsx'
import { AddMaintenance } from './closing-documents.ts'
import { Impact } from './Impact.tsx'
import { EquipmentFields, PlacesDocument, RoomFields } from './place-documents.ts'
import { type Interval, useClosedTime } from './use-closed-time.ts'

/** Takes a room or a machine out of use for a time, after a look at the visits in it. */
export function MaintainDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const [result, retry] = useQuery({ query: PlacesDocument, variables: { includeArchived: false }, pause: !isOpen })
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('maintenance.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && (
        <QueryView result={result} onRetry={retry}>
          {(places) => <MaintainForm places={places} onClose={onClose} />}
        </QueryView>
      )}
    </Drawer>
  )
}

/** `room 0190…` or `equipment 0190…`, as the list of both has it. */
function resourceOf(chosen: string | null): { roomId: string | null; equipmentId: string | null } | null {
  const [kind, id] = chosen?.split(' ') ?? []
  if (id === undefined) return null
  return kind === 'room' ? { roomId: id, equipmentId: null } : { roomId: null, equipmentId: id }
}

function MaintainForm({ places, onClose }: { places: PlacesQuery; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const textOf = useFailureText()
  const { time, change, interval } = useClosedTime()
  const [chosen, setChosen] = useState<string | null>(null)
  const [title, setTitle] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(AddMaintenance, (data) => data.addMaintenance)
  const resource = resourceOf(chosen)
  const rooms = places.rooms.map((masked) => readFragment(RoomFields, masked))
  const equipment = places.equipment.map((masked) => readFragment(EquipmentFields, masked))

  async function maintain(closed: Interval) {
    const { payload, failure } = await run({ input: { ...closed, ...resource, title: title.trim() || null } })
    if (payload?.__typename !== 'MaintenanceWindow') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('maintenance.added') })
    onClose()
  }

  return (
    <Stack gap="md">
      <Select
        label={t('maintenance.what')}
        required
        placeholder={t('maintenance.choose')}
        value={chosen}
        onChange={setChosen}
        data={[
          { group: t('room.title'), items: rooms.map(({ id, name }) => ({ value: `room ${id}`, label: name })) },
          { group: t('equipment.title'), items: equipment.map(({ id, name }) => ({ value: `equipment ${id}`, label: name })) },
        ]}
      />
      <TextInput label={t('maintenance.why')} maxLength={120} value={title} onChange={(event) => setTitle(event.currentTarget.value)} />
      <ClosedTimeFields time={time} onChange={change} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      {interval === null && (
        <Alert color="amber" variant="light">
          {t('closed.notInOrder')}
        </Alert>
      )}
      {interval !== null && resource !== null && (
        <Impact interval={interval} {...resource}>
          <Button size="md" loading={isRunning} onClick={() => void maintain(interval)}>
            {t('maintenance.submit')}
          </Button>
        </Impact>
      )}
    </Stack>
  )
}
