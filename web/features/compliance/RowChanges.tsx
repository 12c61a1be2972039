import { Alert, Badge, Code, Table, Text, Title } from '@mantine/core'
import { IconAlertOctagon } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { AuditEntryChangesQuery } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import { AuditEntryChanges } from './audit-documents.ts'

type RowChange = AuditEntryChangesQuery['auditEntries']['edges'][number]['node']['rowChanges'][number]

/** What the database itself saw change: values before and after, compared with what the log commits to. */
export function RowChanges({ entryId, requestId }: { entryId: string; requestId: string }) {
  const { t } = useTranslation('audit')
  const [result, retry] = useQuery({ query: AuditEntryChanges, variables: { requestId } })
  return (
    <div>
      <Title order={3} mb={6}>
        {t('diff.title')}
      </Title>
      <QueryView result={result} onRetry={retry} skeletonHeight={90}>
        {({ auditEntries }) => {
          const changes = auditEntries.edges.find(({ node }) => node.id === entryId)?.node.rowChanges ?? []
          if (changes.length === 0) return <Text c="dimmed">{t('diff.none')}</Text>
          return changes.map((change) => <RowDiff key={change.entryId} change={change} />)
        }}
      </QueryView>
    </div>
  )
}

function RowDiff({ change }: { change: RowChange }) {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  return (
    <div className={classes.access}>
      <Text fw={600}>
        {label('recordType', change.type)} <Badge color={OP_COLOURS[change.op] ?? 'gray'}>{label('rowOp', change.op)}</Badge>
      </Text>
      {change.recordId !== null && (
        <Text size="xs" c="dimmed">
          <Code>{change.recordId}</Code>
        </Text>
      )}
      {change.isIntact === false && (
        <Alert role="alert" color="clay" variant="light" icon={<IconAlertOctagon size={18} />} my={6}>
          {t('diff.tampered')}
        </Alert>
      )}
      {change.isHidden ? (
        <Text size="sm">{t('diff.hidden')}</Text>
      ) : (
        change.state !== 'available' && <Text size="sm">{t(`diff.state.${stateOf(change)}`)}</Text>
      )}
      <Diff change={change} />
    </div>
  )
}

const OP_COLOURS: Record<string, string> = { insert: 'pine', update: 'amber', delete: 'clay' }

function stateOf({ state }: RowChange): 'pending' | 'erased' | 'damaged' {
  return (['pending', 'erased'] as const).find((one) => one === state) ?? 'damaged'
}

function Diff({ change }: { change: RowChange }) {
  const { t } = useTranslation('audit')
  if (change.fields.length === 0) return null
  if (change.isHidden || change.state !== 'available') {
    return (
      <div className={classes.fields}>
        {change.fields.map(({ name }) => (
          <Code key={name}>{name}</Code>
        ))}
      </div>
    )
  }
  // A new row has many columns that nobody filled.
  const told = change.fields.filter(({ before, after }) => before !== null || after !== null)
  return (
    <Table withRowBorders fz="xs" layout="fixed" mt={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="28%">{t('diff.field')}</Table.Th>
          <Table.Th>{t('diff.before')}</Table.Th>
          <Table.Th>{t('diff.after')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {told.map(({ name, before, after }) => (
          <Table.Tr key={name}>
            <Table.Td className={classes.value}>
              <Code>{name}</Code>
            </Table.Td>
            <Table.Td className={classes.value}>{before !== null && <del className={classes.before}>{before}</del>}</Table.Td>
            <Table.Td className={classes.value}>{after !== null && <ins className={classes.after}>{after}</ins>}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
