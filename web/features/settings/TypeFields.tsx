import { MultiSelect, NumberInput, Select, SimpleGrid, Switch, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { useCan } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { EQUIPMENT_KINDS, POSITIONS, ROOM_KINDS } from './kinds.ts'
import { PriceList } from './type-documents.ts'
import { codeOf, type TypeDraft } from './type-draft.ts'

type FieldsProps = { draft: TypeDraft; onChange: (part: Partial<TypeDraft>) => void }

/** Name, length, colour, and how it is sold. */
export function BasicFields({ draft, isNew, onChange }: FieldsProps & { isNew: boolean }) {
  const { t } = useTranslation('settings')
  const can = useCan()
  const mayReadPrices = can('service:read')
  const [{ data }] = useQuery({ query: PriceList, pause: !mayReadPrices })
  return (
    <>
      <TextInput
        label={t('type.name')}
        required
        maxLength={80}
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        data-autofocus
      />
      {isNew && (
        <TextInput
          label={t('type.code')}
          description={t('type.codeHint')}
          placeholder={codeOf(draft.name)}
          maxLength={40}
          value={draft.code}
          onChange={(event) => onChange({ code: event.currentTarget.value })}
        />
      )}
      <SimpleGrid cols={2} spacing="sm">
        <NumberInput
          label={t('type.durationField')}
          min={5}
          max={720}
          step={5}
          allowDecimal={false}
          value={draft.durationMinutes}
          onChange={(value) => typeof value === 'number' && onChange({ durationMinutes: value })}
        />
        <TextInput type="color" label={t('type.colour')} value={draft.colour} onChange={(event) => onChange({ colour: event.currentTarget.value })} />
      </SimpleGrid>
      {mayReadPrices && (
        <Select
          label={t('type.service')}
          description={t('type.serviceHint')}
          placeholder={t('type.noService')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('type.noService') }}
          data={(data?.services ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={draft.serviceId}
          onChange={(serviceId) => onChange({ serviceId })}
        />
      )}
      <Switch label={t('type.isOnline')} checked={draft.isOnline} onChange={(event) => onChange({ isOnline: event.currentTarget.checked })} />
    </>
  )
}

/** Who may see the patient, where, and with what. */
export function NeedFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('settings')
  const label = useCodeLabel()
  const choices = [
    { name: 'positions', group: 'position', kinds: POSITIONS },
    { name: 'roomKinds', group: 'roomKind', kinds: ROOM_KINDS },
    { name: 'equipmentKinds', group: 'equipmentKind', kinds: EQUIPMENT_KINDS },
  ] as const
  return choices.map(({ name, group, kinds }) => (
    <MultiSelect
      key={name}
      label={t(`type.${name}`)}
      description={t(`type.${name}Hint`)}
      data={kinds.map((kind) => ({ value: kind, label: label(group, kind) }))}
      value={[...draft[name]]}
      onChange={(chosen) => onChange({ [name]: chosen })}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('type.clear') }}
    />
  ))
}

/** Minutes for which the person, the room and the machines are kept before and after. */
export function BufferFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation('settings')
  return (
    <SimpleGrid cols={2} spacing="sm" style={{ alignItems: 'end' }} role="group" aria-label={t('type.buffers')}>
      {(['staffBuffer', 'roomBuffer', 'equipmentBuffer'] as const).flatMap((name) =>
        (['before', 'after'] as const).map((side) => (
          <NumberInput
            key={`${name} ${side}`}
            label={t(`type.${name}.${side}`)}
            min={0}
            max={240}
            step={5}
            allowDecimal={false}
            value={draft[name][side]}
            onChange={(value) => typeof value === 'number' && onChange({ [name]: { ...draft[name], [side]: value } })}
          />
        )),
      )}
    </SimpleGrid>
  )
}
