import { Alert, Button, Drawer, NumberInput, Select, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { refusal } from '../../failure.ts'
import type { AddToWaitlistInput } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { addDays, dateIn } from '../../ui/dates.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { type FoundPatient, FoundPatientFields } from '../patients/use-patient-search.ts'
import { plainType } from './AppointmentTypeChoice.tsx'
import type { Kind } from './BookDrawer.tsx'
import { PatientPicker } from './PatientPicker.tsx'
import { AppointmentTypes, ScheduleColumns } from './schedule-documents.ts'
import { WeekdayChips } from './WeekdayChips.tsx'
import { AddToWaitlist, WaitlistPatient } from './waitlist-documents.ts'
import type { WaitlistWish } from './waitlist-search.ts'

const USUAL_DAYS = 14
const HIGHEST_PRIORITY = 9

/** What is known of a wish is filled in. */
export function AddToWaitlistDrawer({ wish, onClose }: { wish: WaitlistWish | null; onClose: () => void }) {
  const { t } = useTranslation('desk')
  return (
    <Drawer opened={wish !== null} onClose={onClose} title={t('waitlist.add')} closeButtonProps={{ 'aria-label': t('close') }}>
      {wish !== null && <LoadedForm wish={wish} onClose={onClose} />}
    </Drawer>
  )
}

function LoadedForm({ wish, onClose }: { wish: WaitlistWish; onClose: () => void }) {
  const [types, retryTypes] = useQuery({ query: AppointmentTypes })
  const [known, retryKnown] = useQuery({ query: WaitlistPatient, variables: { id: wish.patient ?? '' }, pause: wish.patient === undefined })
  const form = (
    <QueryView result={types} onRetry={retryTypes}>
      {(data) => <AddForm wish={wish} known={readFragment(FoundPatientFields, known.data?.patient) ?? null} types={data.appointmentTypes} onClose={onClose} />}
    </QueryView>
  )
  if (wish.patient === undefined) return form
  return (
    <QueryView result={known} onRetry={retryKnown}>
      {() => form}
    </QueryView>
  )
}

type Fields = {
  typeId: string
  staffId: string | null
  earliestOn: string
  latestOn: string
  weekdays: readonly number[]
  earliest: string
  latest: string
  priority: number
  note: string
}

function useFields(wish: WaitlistWish, types: readonly Kind[]) {
  const { timeZone } = useFormat()
  const today = dateIn(timeZone, new Date())
  const from = wish.on !== undefined && wish.on > today ? wish.on : today
  const [fields, setFields] = useState<Fields>({
    typeId: (types.find(({ id }) => id === wish.type) ?? plainType(types))?.id ?? '',
    staffId: wish.staff ?? null,
    earliestOn: from,
    latestOn: addDays(from, USUAL_DAYS),
    weekdays: [],
    earliest: '',
    latest: '',
    priority: 0,
    note: '',
  })
  const change = (part: Partial<Fields>) => setFields((old) => ({ ...old, ...part }))
  const areTimesInOrder = fields.earliest === '' || fields.latest === '' || fields.earliest < fields.latest
  const isComplete = fields.typeId !== '' && fields.earliestOn !== '' && fields.latestOn >= fields.earliestOn && areTimesInOrder
  return { fields, change, isComplete }
}

function inputOf(patientId: string, { weekdays, earliest, latest, note, ...fields }: Fields): AddToWaitlistInput {
  return { ...fields, patientId, weekdays: [...weekdays], earliest: earliest || null, latest: latest || null, note: note.trim() || null }
}

type AddFormProps = { wish: WaitlistWish; known: FoundPatient | null; types: readonly Kind[]; onClose: () => void }

function AddForm({ wish, known, types, onClose }: AddFormProps) {
  const { t } = useTranslation('desk')
  const textOf = useFailureText()
  const [patient, setPatient] = useState<FoundPatient | null>(known)
  const { fields, change, isComplete } = useFields(wish, types)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(AddToWaitlist, (data) => data.addToWaitlist)

  async function add(who: FoundPatient) {
    const { payload, failure } = await run({ input: inputOf(who.id, fields) })
    if (payload?.__typename !== 'WaitlistEntry') return setProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('waitlist.added', { name: who.name }) })
    onClose()
  }

  return (
    <Stack gap="md">
      <PatientPicker patient={patient} onChange={setPatient} />
      <WishFields fields={fields} types={types} onChange={change} />
      <NumberInput
        label={t('waitlist.priority')}
        description={t('waitlist.priorityHint', { highest: HIGHEST_PRIORITY })}
        min={0}
        max={HIGHEST_PRIORITY}
        allowDecimal={false}
        value={fields.priority}
        onChange={(value) => typeof value === 'number' && change({ priority: value })}
      />
      <Textarea
        label={t('waitlist.note')}
        maxLength={500}
        autosize
        minRows={2}
        value={fields.note}
        onChange={(event) => change({ note: event.currentTarget.value })}
      />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Button size="md" loading={isRunning} disabled={patient === null || !isComplete} onClick={() => patient !== null && void add(patient)}>
        {t('waitlist.addSubmit')}
      </Button>
    </Stack>
  )
}

type WishFieldsProps = { fields: Fields; types: readonly Kind[]; onChange: (part: Partial<Fields>) => void }

function WishFields({ fields, types, onChange }: WishFieldsProps) {
  const { t } = useTranslation('desk')
  const [{ data }] = useQuery({ query: ScheduleColumns, variables: { date: fields.earliestOn }, pause: fields.earliestOn === '' })
  const field = (name: 'earliestOn' | 'latestOn' | 'earliest' | 'latest', type: 'date' | 'time') => (
    <TextInput type={type} label={t(`waitlist.${name}`)} value={fields[name]} onChange={(event) => onChange({ [name]: event.currentTarget.value })} />
  )
  return (
    <>
      <Select
        label={t('waitlist.type')}
        data={types.map(({ id, name }) => ({ value: id, label: name }))}
        value={fields.typeId}
        onChange={(typeId) => typeId !== null && onChange({ typeId })}
        allowDeselect={false}
      />
      <Select
        label={t('waitlist.staff')}
        placeholder={t('waitlist.anyone')}
        data={(data?.bookableStaff ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        value={fields.staffId}
        onChange={(staffId) => onChange({ staffId })}
        clearable
        clearButtonProps={{ 'aria-label': t('waitlist.anyone') }}
      />
      <SimpleGrid cols={2} spacing="sm">
        {field('earliestOn', 'date')}
        {field('latestOn', 'date')}
        {field('earliest', 'time')}
        {field('latest', 'time')}
      </SimpleGrid>
      <WeekdayChips weekdays={fields.weekdays} label={t('waitlist.weekdays')} onChange={(weekdays) => onChange({ weekdays })} />
    </>
  )
}
