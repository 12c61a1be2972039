import { Button, Group } from '@mantine/core'
import { IconFileExport } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { AuditEntryFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { AccessSummaryPanel } from './AccessSummaryPanel.tsx'
import { AuditEntryDrawer } from './AuditEntryDrawer.tsx'
import { AuditEntryList } from './AuditEntryList.tsx'
import { AuditFilters } from './AuditFilters.tsx'
import { AuditEntries, AuditEntryFields } from './audit-documents.ts'
import { filterOf } from './audit-search.ts'
import { ExportDrawer } from './ExportDrawer.tsx'
import { useRecordName } from './use-record-name.ts'

const PAGE_SIZE = 50
const route = getRouteApi('/signed-in/compliance/audit')

export function AuditPage() {
  const { t } = useTranslation('audit')
  const can = useCan()
  const navigate = useNavigate({ from: '/compliance/audit' })
  const search = route.useSearch()
  const { after, before, entry: openId, subjectId, recordId, show } = search
  // Towards newer entries the page ends where the last one began.
  const place = before === undefined ? { first: PAGE_SIZE, after } : { last: PAGE_SIZE, before }
  const [result, retry] = useQuery({ query: AuditEntries, variables: { filter: filterOf(search), ...place } })
  const open = (entry: string | undefined) => void navigate({ search: (old) => ({ ...old, entry }), resetScroll: false })
  const entries = (result.data?.auditEntries.edges ?? []).map((edge) => readFragment(AuditEntryFields, edge.node))
  const nameOf = useRecordName()
  const name = findName(entries, subjectId ?? recordId, nameOf)
  const isAboutOne = subjectId !== undefined || recordId !== undefined
  const title = isAboutOne ? t('whoSaw.title') : t('title')
  return (
    <Page
      title={title}
      lead={isAboutOne ? (name ?? t('whoSaw.lead')) : t('lead')}
      actions={
        can('audit-log:export') && (
          <Button
            variant="default"
            leftSection={<IconFileExport size={17} />}
            onClick={() => void navigate({ search: (old) => ({ ...old, show: 'exports' }), resetScroll: false })}
          >
            {t('export.open')}
          </Button>
        )
      }
    >
      {subjectId !== undefined && <AccessSummaryPanel subjectId={subjectId} from={search.from} to={search.to} />}
      <AuditFilters entries={entries} />
      <QueryView result={result} onRetry={retry} skeletonHeight={420}>
        {(data) => (
          <>
            <AuditEntryList entries={entries} about={subjectId ?? recordId ?? search.type} onOpen={open} />
            <Pages pageInfo={data.auditEntries.pageInfo} />
          </>
        )}
      </QueryView>
      <AuditEntryDrawer
        entryId={openId ?? null}
        listed={entries.find((one) => one.id === openId) ?? null}
        isListing={result.fetching}
        onClose={() => open(undefined)}
      />
      <ExportDrawer
        isOpen={show === 'exports' && can('audit-log:export')}
        onClose={() => void navigate({ search: (old) => ({ ...old, show: undefined }), resetScroll: false })}
      />
    </Page>
  )
}

type PageInfo = { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }

function Pages({ pageInfo: { hasNextPage, hasPreviousPage, startCursor, endCursor } }: { pageInfo: PageInfo }) {
  const { t } = useTranslation('audit')
  const navigate = useNavigate({ from: '/compliance/audit' })
  const { after, before } = route.useSearch()
  const go = (place: { after?: string | null; before?: string | null }) =>
    void navigate({ search: (old) => ({ ...old, after: place.after ?? undefined, before: place.before ?? undefined, entry: undefined }) })
  const isInside = after !== undefined || before !== undefined
  if (!isInside && !hasNextPage) return null
  return (
    <Group mt="md" gap="xs" component="nav" aria-label={t('pages')}>
      {isInside && (
        <Button variant="default" onClick={() => go({})}>
          {t('newest')}
        </Button>
      )}
      {isInside && hasPreviousPage && (
        <Button variant="default" onClick={() => go({ before: startCursor })}>
          {t('newer')}
        </Button>
      )}
      {hasNextPage && (
        <Button variant="default" onClick={() => go({ after: endCursor })}>
          {t('older')}
        </Button>
      )}
    </Group>
  )
}

/** How people call the record that everything here is about, as far as the entries on this page know. */
function findName(entries: readonly AuditEntryFieldsFragment[], id: string | undefined, nameOf: ReturnType<typeof useRecordName>): string | null {
  const record = entries.flatMap(({ records }) => records).find((one) => one.recordId === id && one.label !== null)
  return record ? nameOf(record) : null
}
