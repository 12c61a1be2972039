import { Code, Drawer, Skeleton, Stack, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { AuditEntryFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { AuditEntryDetail } from './AuditEntryDetail.tsx'
import { AuditEntryFields, AuditEntryProof, AuditRequestEntries } from './audit-documents.ts'
import { readProvenBody } from './proven-body.ts'

type DrawerProps = { entryId: string | null; listed: AuditEntryFieldsFragment | null; isListing: boolean; onClose: () => void }

/** Everything that one entry says. One that the list does not hold, as a link from a finding, is looked up in the log itself. */
export function AuditEntryDrawer({ entryId, listed, isListing, onClose }: DrawerProps) {
  const { t } = useTranslation('audit')
  return (
    <Drawer opened={entryId !== null} onClose={onClose} title={t('detail.title')} size="lg" closeButtonProps={{ 'aria-label': t('detail.close') }}>
      {listed !== null && <AuditEntryDetail key={listed.id} entry={listed} />}
      {listed === null && entryId !== null && (isListing ? <Skeleton height={240} /> : <DistantEntry key={entryId} entryId={entryId} />)}
    </Drawer>
  )
}

function DistantEntry({ entryId }: { entryId: string }) {
  const [result, retry] = useQuery({ query: AuditEntryProof, variables: { entryIds: [entryId] } })
  return (
    <QueryView result={result} onRetry={retry}>
      {({ auditProof }) => {
        const body = readProvenBody(auditProof.bundle, entryId)
        if (body?.requestId) return <EntryOfRequest entryId={entryId} requestId={body.requestId} text={body.text} />
        return <BareEntry entryId={entryId} text={body?.text ?? null} />
      }}
    </QueryView>
  )
}

function EntryOfRequest({ entryId, requestId, text }: { entryId: string; requestId: string; text: string }) {
  const [result, retry] = useQuery({ query: AuditRequestEntries, variables: { requestId } })
  return (
    <QueryView result={result} onRetry={retry}>
      {({ auditEntries }) => {
        const entry = auditEntries.edges.map(({ node }) => readFragment(AuditEntryFields, node)).find((one) => one.id === entryId)
        return entry ? <AuditEntryDetail entry={entry} /> : <BareEntry entryId={entryId} text={text} />
      }}
    </QueryView>
  )
}

/** What the database itself saw, or an entry that the search does not know: its words as they were signed. */
function BareEntry({ entryId, text }: { entryId: string; text: string | null }) {
  const { t } = useTranslation('audit')
  return (
    <Stack gap="sm">
      <Code>{entryId}</Code>
      <Text size="sm">{t(text === null ? 'detail.unknown' : 'detail.bare')}</Text>
      {text !== null && (
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {text}
        </Code>
      )}
    </Stack>
  )
}
