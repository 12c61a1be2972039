import { Alert, Button, Drawer, Stack } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

import { refusal } from '../../failure.ts'
import type { TypeFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ArchiveButton } from './PlaceDrawer.tsx'
import { BasicFields, BufferFields, NeedFields } from './TypeFields.tsx'
import { CreateAppointmentType, UpdateAppointmentType } from './type-documents.ts'
import { codeOf, fieldsOf, isComplete, type TypeDraft } from './type-draft.ts'

type Edited = TypeFieldsFragment | 'new' | null

/** A kind of visit; its code is chosen once, because reports and rules know it by that. */
export function TypeDrawer({ edited, onClose }: { edited: Edited; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const current = edited === 'new' ? null : edited
  return (
    <Drawer opened={edited !== null} onClose={onClose} title={current?.name ?? t('type.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      {edited !== null && <TypeForm key={current?.id ?? 'new'} current={current} onClose={onClose} />}
    </Drawer>
  )
}

function useSaving() {
  const textOf = useFailureText()
  const create = useCommand(CreateAppointmentType, (data) => data.createAppointmentType)
  const update = useCommand(UpdateAppointmentType, (data) => data.updateAppointmentType)

  /** Answers why not, or null. */
  async function save(current: TypeFieldsFragment | null, draft: TypeDraft, isArchived: boolean | null): Promise<string | null> {
    const fields = fieldsOf(draft)
    const { payload, failure } =
      current === null
        ? await create.run({ input: { ...fields, code: draft.code || codeOf(draft.name) } })
        : await update.run({ input: { ...fields, id: current.id, version: current.version, ...(isArchived === null ? {} : { isArchived }) } })
    if (payload === null) return textOf(failure)
    return payload.__typename === 'AppointmentType' ? null : textOf(refusal(payload))
  }
  return { save, isRunning: create.isRunning || update.isRunning }
}

const NO_BUFFER = { before: 0, after: 0 }
const EMPTY: TypeDraft = {
  name: '',
  code: '',
  durationMinutes: 30,
  colour: '#228be6',
  isOnline: false,
  serviceId: null,
  positions: [],
  roomKinds: [],
  equipmentKinds: [],
  staffBuffer: NO_BUFFER,
  roomBuffer: NO_BUFFER,
  equipmentBuffer: NO_BUFFER,
}

function TypeForm({ current, onClose }: { current: TypeFieldsFragment | null; onClose: () => void }) {
  const { t } = useTranslation('settings')
  const [draft, setDraft] = useState<TypeDraft>(current ?? EMPTY)
  const [problem, setProblem] = useState<string | null>(null)
  const { save, isRunning } = useSaving()
  const change = (part: Partial<TypeDraft>) => setDraft((old) => ({ ...old, ...part }))

  async function submit(isArchived: boolean | null) {
    const refused = await save(current, draft, isArchived)
    if (refused !== null) return setProblem(refused)
    notify({ color: 'pine', message: t('place.saved', { name: draft.name.trim() }) })
    onClose()
  }

  return (
    <Stack gap="md">
      <BasicFields draft={draft} isNew={current === null} onChange={change} />
      <NeedFields draft={draft} onChange={change} />
      <BufferFields draft={draft} onChange={change} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Button size="md" loading={isRunning} disabled={!isComplete(draft)} onClick={() => void submit(null)}>
        {t('place.save')}
      </Button>
      {current !== null && <ArchiveButton isArchived={current.isArchived} isRunning={isRunning} onChange={(to) => void submit(to)} />}
    </Stack>
  )
}
