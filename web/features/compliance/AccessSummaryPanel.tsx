import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { AccessSummaryQuery } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { AccessSummary } from './audit-documents.ts'

type PanelProps = { subjectId: string; from: string | undefined; to: string | undefined }

/** Who saw or changed a patient or person, or anything about them: how often, first and last. */
export function AccessSummaryPanel({ subjectId, from, to }: PanelProps) {
  const { t } = useTranslation('audit')
  const [result, retry] = useQuery({ query: AccessSummary, variables: { subjectId, from, to } })
  return (
    <Section title={t('whoSaw.people')} style={{ marginBottom: 16 }}>
      <QueryView result={result} onRetry={retry} skeletonHeight={90}>
        {({ accessSummary: { people, isPartial, entryCount } }) => (
          <>
            {isPartial && (
              <Text size="sm" c="dimmed" mb="xs">
                {t('whoSaw.partial', { count: entryCount })}
              </Text>
            )}
            {people.length === 0 ? <Text c="dimmed">{t('whoSaw.nobody')}</Text> : <People people={people} />}
          </>
        )}
      </QueryView>
    </Section>
  )
}

function People({ people }: { people: AccessSummaryQuery['accessSummary']['people'] }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <DataTable
      label={t('whoSaw.people')}
      maxHeight={300}
      columns={[
        { label: t('whoSaw.who') },
        { label: t('whoSaw.reads'), isNumeric: true },
        { label: t('whoSaw.changes'), isNumeric: true },
        { label: t('whoSaw.first'), isSecondary: true },
        { label: t('whoSaw.last') },
      ]}
    >
      {people.map((person) => (
        <Table.Tr key={person.userId ?? person.userName}>
          <Table.Td>
            {person.userId === null ? (
              (person.userName ?? t('nobody'))
            ) : (
              <TextLink to="/compliance/audit" search={(old: object) => ({ ...old, userId: person.userId ?? undefined, after: undefined, before: undefined })}>
                {person.userName ?? t('nobody')}
              </TextLink>
            )}
            <Text component="span" size="xs" c="dimmed" display="block">
              {person.roles.map((role) => label('role', role)).join(', ')}
            </Text>
          </Table.Td>
          <Table.Td ta="right">{format.decimal(person.readCount)}</Table.Td>
          <Table.Td ta="right">{format.decimal(person.changeCount)}</Table.Td>
          <Table.Td visibleFrom="sm">{format.dateTime(person.firstAt)}</Table.Td>
          <Table.Td>{format.dateTime(person.lastAt)}</Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  )
}
