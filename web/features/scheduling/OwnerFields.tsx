import { Button, Group, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { useCan } from '../../session/viewer.ts'
import { FindClients } from './new-patient-documents.ts'

/** Without an id: somebody who is not known yet. */
export type Owner = { id: string | null; name: string; phone: string; email?: string | undefined }

/** A new owner, or one who is known: matches stand below the name, so that nobody is entered twice. */
export function OwnerFields({ owner, onChange }: { owner: Owner; onChange: (owner: Owner) => void }) {
  const { t } = useTranslation('schedule')
  const can = useCan()
  const [wanted] = useDebouncedValue(owner.name.trim(), 200)
  const [{ data }] = useQuery({ query: FindClients, variables: { query: wanted }, pause: wanted.length < 3 || owner.id !== null })
  const known = owner.id === null && wanted.length >= 3 ? (data?.clients.edges ?? []).map(({ node }) => node) : []
  if (owner.id !== null) {
    return (
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="sm" fw={500}>
            {t('newPatient.owner')}
          </Text>
          <Text>{owner.name}</Text>
        </div>
        <Button variant="subtle" size="compact-sm" onClick={() => onChange({ id: null, name: '', phone: '' })}>
          {t('newPatient.otherOwner')}
        </Button>
      </Group>
    )
  }
  return (
    <>
      <Group grow gap="sm" align="start">
        <TextInput label={t('newPatient.owner')} value={owner.name} onChange={(event) => onChange({ ...owner, name: event.currentTarget.value })} />
        <TextInput
          type="tel"
          label={t('newPatient.phone')}
          value={owner.phone}
          onChange={(event) => onChange({ ...owner, phone: event.currentTarget.value })}
          disabled={!can('client:create')}
        />
      </Group>
      {known.length > 0 && (
        <Group gap={6} role="group" aria-label={t('newPatient.knownOwners')}>
          <Text size="xs" c="dimmed">
            {t('newPatient.knownOwners')}
          </Text>
          {known.map((one) => (
            <Button key={one.id} size="compact-sm" variant="default" onClick={() => onChange({ id: one.id, name: one.name, phone: one.phone ?? '' })}>
              {one.name}
              {one.phone !== null && ` · ${one.phone}`}
            </Button>
          ))}
        </Group>
      )}
    </>
  )
}
