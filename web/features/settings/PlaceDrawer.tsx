import { Alert, Button, Drawer, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { EQUIPMENT_KINDS, ROOM_KINDS } from './kinds.ts'
import { type PlaceFields, usePlaceCommands } from './use-place-commands.ts'

/** What both a room and a machine have; a room has no serial number. */
export type Place = PlaceFields & { id: string; version: number; isArchived: boolean }
/** A room or a machine; `current` null: a new one. */
export type EditedPlace = { what: 'room' | 'equipment'; current: Place | null }

export function PlaceDrawer({ edited, onClose }: { edited: EditedPlace | null; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const title = edited === null ? '' : (edited.current?.name ?? t(`${edited.what}.add`))
  return (
    <Drawer opened={edited !== null} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      {edited !== null && <PlaceForm key={edited.current?.id ?? edited.what} edited={edited} onClose={onClose} />}
    </Drawer>
  )
}

function PlaceForm({ edited: { what, current }, onClose }: { edited: EditedPlace; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const label = useCodeLabel()
  const kinds = what === 'room' ? ROOM_KINDS.map((kind) => kind) : EQUIPMENT_KINDS.map((kind) => kind)
  const [fields, setFields] = useState<PlaceFields>(current ?? { name: '', kind: kinds[0] ?? '', position: 0, serialNumber: null })
  const [problem, setProblem] = useState<string | null>(null)
  const { save, isRunning } = usePlaceCommands(what)
  const change = (part: Partial<PlaceFields>) => setFields((old) => ({ ...old, ...part }))

  async function submit(isArchived: boolean | null) {
    const refused = await save(current, fields, isArchived)
    if (refused !== null) return setProblem(refused)
    notify({ color: 'pine', message: t('place.saved', { name: fields.name.trim() }) })
    onClose()
  }

  return (
    <Stack gap="md">
      <TextInput
        label={t('place.name')}
        required
        maxLength={80}
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        data-autofocus
      />
      <Select
        label={t('place.kind')}
        data={kinds.map((kind) => ({ value: kind, label: label(what === 'room' ? 'roomKind' : 'equipmentKind', kind) }))}
        value={fields.kind}
        onChange={(kind) => kind !== null && change({ kind })}
        allowDeselect={false}
      />
      {what === 'equipment' && (
        <TextInput
          label={t('place.serialNumber')}
          maxLength={80}
          value={fields.serialNumber ?? ''}
          onChange={(event) => change({ serialNumber: event.currentTarget.value })}
        />
      )}
      <NumberInput
        label={t('place.position')}
        description={t('place.positionHint')}
        min={0}
        max={999}
        allowDecimal={false}
        value={fields.position}
        onChange={(value) => typeof value === 'number' && change({ position: value })}
      />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Button size="md" loading={isRunning} disabled={fields.name.trim() === ''} onClick={() => void submit(null)}>
        {t('place.save')}
      </Button>
      {current !== null && <ArchiveButton isArchived={current.isArchived} isRunning={isRunning} onChange={(to) => void submit(to)} />}
    </Stack>
  )
}

type ArchiveButtonProps = { isArchived: boolean; isRunning: boolean; onChange: (isArchived: boolean) => void }

/** Archiving takes something out of new bookings; it can be taken back, so nobody is asked twice. */
export function ArchiveButton({ isArchived, isRunning, onChange }: ArchiveButtonProps) {
  const { t } = useTranslation('settings')
  return (
    <Group gap="xs">
      <Button variant="subtle" color={isArchived ? 'pine' : 'clay'} disabled={isRunning} onClick={() => onChange(!isArchived)}>
        {t(isArchived ? 'archived.restore' : 'archived.archive')}
      </Button>
      <Text size="xs" c="dimmed">
        {t(isArchived ? 'archived.restoreHint' : 'archived.archiveHint')}
      </Text>
    </Group>
  )
}
