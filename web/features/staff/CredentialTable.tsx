import { Box, Button, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { Expiry, StandingBadges } from './CredentialBadges.tsx'

type CredentialTableProps = { credentials: readonly CredentialFieldsFragment[]; isWithPerson: boolean; onOpen: (id: string) => void }

export function CredentialTable({ credentials, isWithPerson, onOpen }: CredentialTableProps) {
  const { t } = useTranslation('people')
  const columns = [
    { label: t('credential.type') },
    ...(isWithPerson ? [{ label: t('credential.person'), isSecondary: true }] : []),
    { label: t('credential.number'), isSecondary: true },
    { label: t('credential.authority'), isSecondary: true },
    { label: t('credential.expiresOn') },
    { label: t('credential.state'), isSecondary: true },
  ]
  return (
    <DataTable label={t('credential.title')} columns={columns} highlightOnHover>
      {credentials.map((credential) => (
        <Row key={credential.id} credential={credential} isWithPerson={isWithPerson} onOpen={onOpen} />
      ))}
    </DataTable>
  )
}

type RowProps = { credential: CredentialFieldsFragment; isWithPerson: boolean; onOpen: (id: string) => void }

function Row({ credential, isWithPerson, onOpen }: RowProps) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const { id, type, staff, numberEnding, authority } = credential
  const name = label('credentialType', type)
  const ending = `••••${numberEnding}`
  return (
    <Table.Tr>
      <Table.Td>
        <Button
          variant="subtle"
          size="compact-sm"
          px={4}
          ml={-4}
          styles={WRAPPED}
          aria-label={t('credential.openOne', { type: name, name: staff.name })}
          onClick={() => onOpen(id)}
        >
          {name}
        </Button>
        <Text size="xs" c="dimmed" hiddenFrom="sm">
          {[isWithPerson ? staff.name : null, ending, authority].filter(Boolean).join(' · ')}
        </Text>
        <Box hiddenFrom="sm" mt={4}>
          <StandingBadges credential={credential} />
        </Box>
      </Table.Td>
      {isWithPerson && (
        <Table.Td visibleFrom="sm">
          <TextLink to="/staff/people/$id" params={{ id: staff.id }} search={{ tab: 'credentials' }}>
            {staff.name}
          </TextLink>
        </Table.Td>
      )}
      <Table.Td visibleFrom="sm">{ending}</Table.Td>
      <Table.Td visibleFrom="sm">{authority}</Table.Td>
      <Table.Td>
        <Expiry credential={credential} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <StandingBadges credential={credential} />
      </Table.Td>
    </Table.Tr>
  )
}

// A long name in a narrow column goes on in the next line.
const WRAPPED = { root: { height: 'auto', minHeight: 26 }, label: { whiteSpace: 'normal', textAlign: 'left', lineHeight: 1.3 } } as const
