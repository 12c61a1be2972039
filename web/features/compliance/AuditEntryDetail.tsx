import { Badge, Code, Group, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AuditEntryFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { CopyableId } from '../../ui/CopyableId.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import type { AuditSearch } from './audit-search.ts'
import { outcomeColour } from './outcome.ts'
import { ProofButton } from './ProofButton.tsx'
import { RowChanges } from './RowChanges.tsx'
import { useRecordName } from './use-record-name.ts'

type Entry = AuditEntryFieldsFragment
const RECORDS_AT_FIRST = 50

/** Who, from where, which fields of which records were read or changed, and what stood there before and after. */
export function AuditEntryDetail({ entry }: { entry: Entry }) {
  const { t } = useTranslation('audit')
  const changed = entry.records.filter(({ isChanged }) => isChanged)
  const read = entry.records.filter(({ isChanged }) => !isChanged)
  return (
    <Stack gap="md">
      <EntryFacts entry={entry} />
      <Group gap="xs">
        <ProofButton entryId={entry.id} />
      </Group>
      {!entry.hasEvidence && <Text size="sm">{t('detail.noEvidence')}</Text>}
      {changed.length > 0 && <RowChanges entryId={entry.id} requestId={entry.requestId} />}
      <Records title={t('detail.changes')} records={changed} />
      <Records title={t('detail.reads')} records={read} />
      <Aggregates entry={entry} />
    </Stack>
  )
}

function EntryFacts({ entry }: { entry: Entry }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const label = useCodeLabel()
  const { userId, sessionId, address } = entry
  return (
    <Facts>
      <Fact name={t('detail.at')}>{format.dateTimeSeconds(entry.at)}</Fact>
      <Fact name={t('detail.who')}>
        {entry.userName ?? t('nobody')}
        {userId !== null && (
          <span className={classes.only}>
            <Only search={{ userId }}>{t('detail.byPerson')}</Only>
            <Only search={{ subjectId: userId }}>{t('detail.aboutPerson')}</Only>
          </span>
        )}
      </Fact>
      <Fact name={t('detail.roles')}>{entry.roles.map((role) => label('role', role)).join(', ')}</Fact>
      <Fact name={t('detail.action')}>{label('auditAction', entry.action)}</Fact>
      <Fact name={t('detail.operation')}>
        <Code>{entry.operation}</Code>
      </Fact>
      <Fact name={t('detail.outcome')}>
        <Badge color={outcomeColour(entry.outcome)}>{label('outcome', entry.outcome)}</Badge>
      </Fact>
      <Fact name={t('detail.origin')}>{label('origin', entry.origin)}</Fact>
      <Fact name={t('detail.classes')}>{entry.classes.map((one) => label('dataClass', one)).join(', ')}</Fact>
      <Fact name={t('detail.reason')}>{entry.reason}</Fact>
      <Fact name={t('detail.note')}>{entry.detail !== null && <Code>{entry.detail}</Code>}</Fact>
      <Fact name={t('detail.address')}>
        {address !== null && (
          <>
            <Code>{address}</Code> <Only search={{ address }}>{t('detail.sameAddress')}</Only>
          </>
        )}
      </Fact>
      <Fact name={t('detail.userAgent')}>{entry.userAgent !== null && <Code className={classes.plainCode}>{entry.userAgent}</Code>}</Fact>
      <Fact name={t('detail.requestId')}>
        <CopyableId id={entry.requestId} name={t('detail.requestId')} /> <Only search={{ requestId: entry.requestId }}>{t('detail.sameRequest')}</Only>
      </Fact>
      <Fact name={t('detail.sessionId')}>
        {sessionId !== null && (
          <>
            <CopyableId id={sessionId} name={t('detail.sessionId')} /> <Only search={{ sessionId }}>{t('detail.sameSession')}</Only>
          </>
        )}
      </Fact>
      <Fact name={t('detail.entryId')}>
        <CopyableId id={entry.id} name={t('detail.entryId')} />
      </Fact>
    </Facts>
  )
}

/** A link that shows the log with this filter alone. */
function Only({ search, children }: { search: AuditSearch; children: string }) {
  return (
    <TextLink to="/compliance/audit" search={search} size="xs">
      {children}
    </TextLink>
  )
}

function Records({ title, records }: { title: string; records: Entry['records'] }) {
  const { t } = useTranslation('audit')
  if (records.length === 0) return null
  return (
    <div>
      <Title order={3} mb={6}>
        {title} <Badge color="gray">{t('recordCount', { count: records.length })}</Badge>
      </Title>
      <Stack gap="xs">
        {records.slice(0, RECORDS_AT_FIRST).map((record) => (
          <RecordLine key={`${record.type} ${record.recordId}`} record={record} />
        ))}
        {records.length > RECORDS_AT_FIRST && (
          <details>
            <summary>{t('moreRecords', { count: records.length - RECORDS_AT_FIRST })}</summary>
            <Stack gap="xs" mt="xs">
              {records.slice(RECORDS_AT_FIRST).map((record) => (
                <RecordLine key={`${record.type} ${record.recordId}`} record={record} />
              ))}
            </Stack>
          </details>
        )}
      </Stack>
    </div>
  )
}

function RecordLine({ record }: { record: Entry['records'][number] }) {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  const nameOf = useRecordName()
  const type = label('recordType', record.type)
  return (
    <div className={classes.access}>
      <Group justify="space-between" gap="xs">
        <Text fw={600}>
          {type}
          {record.label !== null && ` · ${nameOf(record)}`}
        </Text>
        <TextLink to="/compliance/audit" search={{ recordId: record.recordId }} size="xs">
          {t('whoSaw.open')}
        </TextLink>
      </Group>
      <CopyableId id={record.recordId} name={`${type} ${nameOf(record) ?? ''}`} />
      <Text size="xs" c="dimmed" component="div">
        {record.fields.map((field) => (
          <Code key={field} mr={4} className={classes.field}>
            {field}
          </Code>
        ))}
      </Text>
    </div>
  )
}

function Aggregates({ entry: { aggregates } }: { entry: Entry }) {
  const { t } = useTranslation('audit')
  if (aggregates.length === 0) return null
  return (
    <div>
      <Title order={3} mb={6}>
        {t('detail.aggregates')}
      </Title>
      {aggregates.map(({ name, params }) => (
        <div key={name} className={classes.access}>
          <Code>{name}</Code>
          <Facts>
            {params.map((param) => (
              <Fact key={param.name} name={param.name}>
                <Code>{param.value}</Code>
              </Fact>
            ))}
          </Facts>
        </div>
      ))}
    </div>
  )
}
