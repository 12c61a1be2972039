import { Badge, Button, Group, Table, Text, UnstyledButton } from '@mantine/core'
import { IconListSearch } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { AuditEntriesQuery } from '../../gql/graphql.ts'
import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import { AuditEntryDrawer } from './AuditEntryDrawer.tsx'
import { AuditFilters } from './AuditFilters.tsx'
import { outcomeColour } from './outcome.ts'

const AuditEntries = graphql(`
  query AuditEntries($filter: AuditFilter!, $first: Int!, $after: String) {
    auditEntries(filter: $filter, first: $first, after: $after) {
      edges {
        node {
          id
          at
          action
          operation
          outcome
          userName
          types
          recordIds
          ...AuditEntryDetail
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

type Entry = AuditEntriesQuery['auditEntries']['edges'][number]['node']
const PAGE_SIZE = 50
const route = getRouteApi('/signed-in/compliance/audit')

export function AuditPage() {
  const { t } = useTranslation('audit')
  const navigate = useNavigate({ from: '/compliance/audit' })
  const { q, after, entry: openId, ...filter } = route.useSearch()
  const [result, retry] = useQuery({
    query: AuditEntries,
    variables: { filter: { ...filter, query: q }, first: PAGE_SIZE, after },
  })
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, entry: id }) })
  return (
    <Page title={t('title')} lead={t('lead')}>
      <AuditFilters />
      <QueryView result={result} onRetry={retry} skeletonHeight={420}>
        {(data) => {
          const entries = data.auditEntries.edges.map((edge) => edge.node)
          const { hasNextPage, endCursor } = data.auditEntries.pageInfo
          return (
            <>
              <EntryTable entries={entries} onOpen={open} />
              <Group mt="md" gap="xs">
                {after !== undefined && (
                  <Button variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, after: undefined }) })}>
                    {t('newest')}
                  </Button>
                )}
                {hasNextPage && (
                  <Button variant="default" onClick={() => void navigate({ search: (old) => ({ ...old, after: endCursor ?? undefined }) })}>
                    {t('older')}
                  </Button>
                )}
              </Group>
              <AuditEntryDrawer entry={entries.find((one) => one.id === openId) ?? null} onClose={() => open(undefined)} />
            </>
          )
        }}
      </QueryView>
    </Page>
  )
}

function EntryTable({ entries, onOpen }: { entries: readonly Entry[]; onOpen: (id: string) => void }) {
  const { t } = useTranslation('audit')
  if (entries.length === 0) {
    return (
      <StateMessage icon={<IconListSearch size={34} stroke={1.5} />} title={t('empty.title')}>
        {t('empty.text')}
      </StateMessage>
    )
  }
  return (
    <div className={classes.entries}>
      <DataTable
        label={t('title')}
        minWidth={760}
        highlightOnHover
        columns={[
          { label: t('columns.at') },
          { label: t('columns.who') },
          { label: t('columns.action') },
          { label: t('columns.outcome') },
          { label: t('columns.records') },
        ]}
      >
        {entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} onOpen={onOpen} />
        ))}
      </DataTable>
    </div>
  )
}

function EntryRow({ entry, onOpen }: { entry: Entry; onOpen: (id: string) => void }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const label = useCodeLabel()
  const types = entry.types.map((type) => label('recordType', type)).join(', ')
  return (
    <Table.Tr onClick={() => onOpen(entry.id)} style={{ cursor: 'pointer' }}>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <UnstyledButton
          fz="sm"
          td="underline"
          onClick={(event) => {
            event.stopPropagation()
            onOpen(entry.id)
          }}
          aria-label={t('openEntry', { at: format.dateTimeSeconds(entry.at) })}
        >
          {format.dateTimeSeconds(entry.at)}
        </UnstyledButton>
      </Table.Td>
      <Table.Td>{entry.userName ?? t('nobody')}</Table.Td>
      <Table.Td>
        {label('auditAction', entry.action)}
        <Text component="span" size="xs" c="dimmed" display="block">
          {entry.operation}
        </Text>
      </Table.Td>
      <Table.Td>
        <Badge color={outcomeColour(entry.outcome)}>{label('outcome', entry.outcome)}</Badge>
      </Table.Td>
      <Table.Td>
        {types}
        {entry.recordIds.length > 0 && (
          <Text component="span" size="xs" c="dimmed" display="block">
            {t('recordCount', { count: entry.recordIds.length })}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  )
}
