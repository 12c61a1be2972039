import { Button, Checkbox, ColorInput, Select, SimpleGrid, Stack, TagsInput, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { useCan, useViewer } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { PersonSelect } from './PersonSelect.tsx'
import { Problem } from './Problem.tsx'
import { AccountChoicesDocument } from './people-documents.ts'
import { EMPLOYMENT_TYPES, isComplete, type PersonDraft, POSITIONS } from './person-draft.ts'

// Apart from each other, and dark enough that white text can be read on them.
const COLOURS = ['#0c8599', '#9c36b5', '#1971c2', '#2f9e44', '#c2255c', '#e8590c', '#5f3dc4', '#495057']

type PersonFormProps = {
  draft: PersonDraft
  onChange: (part: Partial<PersonDraft>) => void
  onSubmit: () => void
  submitLabel: string
  problem: string | null
  isRunning: boolean
  /** The person who is changed; undefined for a new one. */
  person?: { id: string; hasAccount: boolean; terminatedOn: string | null; isActive: boolean }
}

/** What is known of somebody as an employee. */
export function PersonForm({ draft, onChange, onSubmit, submitLabel, problem, isRunning, person }: PersonFormProps) {
  const { t } = useTranslation('people')
  const can = useCan()
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onSubmit()
      }}
    >
      <Stack gap="md">
        <Identity draft={draft} onChange={onChange} />
        <Employment draft={draft} onChange={onChange} person={person} />
        <PersonSelect
          label={t('field.manager')}
          placeholder={t('field.noManager')}
          value={draft.managerId}
          onChange={(managerId) => onChange({ managerId })}
          isClearable
          {...(person ? { except: person.id } : {})}
        />
        <Practice draft={draft} onChange={onChange} />
        {person?.isActive === false && (
          <Checkbox label={t('field.isActive')} checked={draft.isActive} onChange={(event) => onChange({ isActive: event.currentTarget.checked })} />
        )}
        {can('role:administer') && !person?.hasAccount && <Account value={draft.userId} onChange={(userId) => onChange({ userId })} />}
        <Problem text={problem} />
        <Button type="submit" size="md" loading={isRunning} disabled={!isComplete(draft)}>
          {submitLabel}
        </Button>
      </Stack>
    </form>
  )
}

type PartProps = Pick<PersonFormProps, 'draft' | 'onChange'>

function Identity({ draft, onChange }: PartProps) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  return (
    <>
      <TextInput
        label={t('field.fullName')}
        required
        maxLength={120}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-autofocus
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={t('field.number')}
          required
          maxLength={30}
          value={draft.employeeNumber}
          onChange={(event) => onChange({ employeeNumber: event.currentTarget.value })}
        />
        <Select
          label={t('field.position')}
          description={t('field.positionHint')}
          inputWrapperOrder={['label', 'input', 'description']}
          data={POSITIONS.map((code) => ({ value: code, label: label('position', code) }))}
          value={draft.position}
          onChange={(position) => position !== null && onChange({ position })}
          allowDeselect={false}
        />
      </SimpleGrid>
    </>
  )
}

function Employment({ draft, onChange, person }: PartProps & Pick<PersonFormProps, 'person'>) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const { clinics } = useViewer()
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextInput type="date" label={t('field.hiredOn')} required value={draft.hiredOn} onChange={(event) => onChange({ hiredOn: event.currentTarget.value })} />
      {person?.terminatedOn && (
        <TextInput
          type="date"
          label={t('field.lastDay')}
          description={t('field.lastDayHint')}
          inputWrapperOrder={['label', 'input', 'description']}
          value={draft.lastDay}
          onChange={(event) => onChange({ lastDay: event.currentTarget.value })}
        />
      )}
      <Select
        label={t('field.employmentType')}
        data={EMPLOYMENT_TYPES.map((code) => ({ value: code, label: label('employmentType', code) }))}
        value={draft.employmentType}
        onChange={(employmentType) => employmentType !== null && onChange({ employmentType })}
        allowDeselect={false}
      />
      <TextInput
        label={t('field.department')}
        maxLength={80}
        value={draft.department}
        onChange={(event) => onChange({ department: event.currentTarget.value })}
      />
      <Select
        label={t('field.clinic')}
        placeholder={t('field.noClinic')}
        clearable
        clearButtonProps={{ 'aria-label': t('clear') }}
        data={clinics.map(({ id, name }) => ({ value: id, label: name }))}
        value={draft.clinicId}
        onChange={(clinicId) => onChange({ clinicId })}
      />
    </SimpleGrid>
  )
}

function Practice({ draft, onChange }: PartProps) {
  const { t } = useTranslation('people')
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={t('field.licence')}
          maxLength={60}
          value={draft.licenceNumber}
          onChange={(event) => onChange({ licenceNumber: event.currentTarget.value })}
        />
        <ColorInput
          label={t('field.colour')}
          format="hex"
          swatches={COLOURS}
          eyeDropperButtonProps={{ 'aria-label': t('field.pickColour') }}
          value={draft.colour}
          onChange={(colour) => onChange({ colour })}
        />
      </SimpleGrid>
      <TagsInput
        label={t('field.specialisations')}
        placeholder={t('field.specialisationsHint')}
        maxTags={20}
        value={draft.specialisations}
        onChange={(specialisations) => onChange({ specialisations })}
      />
      <Checkbox label={t('field.isBookable')} checked={draft.isBookable} onChange={(event) => onChange({ isBookable: event.currentTarget.checked })} />
    </>
  )
}

/** Whoever administers roles knows the users, and may say which of them the person is. */
function Account({ value, onChange }: { value: string | null; onChange: (userId: string | null) => void }) {
  const { t } = useTranslation('people')
  const [result] = useQuery({ query: AccountChoicesDocument })
  const users = (result.data?.users.edges ?? []).map(({ node }) => node).filter(({ isActive }) => isActive)
  return (
    <Select
      label={t('field.account')}
      description={t('field.accountHint')}
      inputWrapperOrder={['label', 'input', 'description']}
      placeholder={t('field.noAccount')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('clear') }}
      data={users.map(({ id, name, email }) => ({ value: id, label: `${name} (${email})` }))}
      value={value}
      onChange={onChange}
    />
  )
}
