import { Badge, Code, Table, Text, UnstyledButton } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconListSearch } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { AuditEntryFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import { outcomeColour } from './outcome.ts'
import { useRecordName } from './use-record-name.ts'

type Entry = AuditEntryFieldsFragment
// `about` is the id of what the list is about, or the type that it is narrowed to: such records are named first.
type ListProps = { entries: readonly Entry[]; about?: string | undefined; onOpen: (id: string) => void }

const RECORDS_SHOWN = 2
const COLUMNS = [
  { name: 'at', width: '165px' },
  { name: 'who', width: '15%' },
  { name: 'action', width: '16%' },
  { name: 'records', width: '24%' },
  { name: 'fields', width: '17%' },
  { name: 'from', width: '11%' },
  { name: 'reason', width: '17%' },
] as const
const FIELDS_SHOWN = 4

/** A page of the log: a table where there is room, cards on phones. */
export function AuditEntryList({ entries, about, onOpen }: ListProps) {
  const { t } = useTranslation('audit')
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  if (entries.length === 0) {
    return (
      <StateMessage icon={<IconListSearch size={34} stroke={1.5} />} title={t('empty.title')}>
        {t('empty.text')}
      </StateMessage>
    )
  }
  if (isPhone) {
    return (
      <ul className={classes.cards} aria-label={t('title')}>
        {entries.map((entry) => (
          <EntryCard key={entry.id} entry={entry} about={about} onOpen={onOpen} />
        ))}
      </ul>
    )
  }
  const columns = COLUMNS.map(({ name, width }) => ({ label: t(`columns.${name}`), width }))
  return (
    <div className={classes.entries}>
      <DataTable label={t('title')} minWidth={1080} highlightOnHover columns={columns} layout="fixed">
        {entries.map((entry) => (
          <EntryRow key={entry.id} entry={entry} about={about} onOpen={onOpen} />
        ))}
      </DataTable>
    </div>
  )
}

type EntryProps = { entry: Entry; about: string | undefined; onOpen: (id: string) => void }

function EntryRow({ entry, about, onOpen }: EntryProps) {
  return (
    <Table.Tr onClick={() => onOpen(entry.id)} style={{ cursor: 'pointer', verticalAlign: 'top' }}>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <OpenButton entry={entry} onOpen={onOpen} />
        <Outcome entry={entry} />
      </Table.Td>
      <Table.Td className={classes.cell}>
        <Who entry={entry} />
      </Table.Td>
      <Table.Td>
        <Action entry={entry} />
      </Table.Td>
      <Table.Td>
        <Records entry={entry} about={about} />
      </Table.Td>
      <Table.Td>
        <Fields entry={entry} />
      </Table.Td>
      <Table.Td>
        <Whence entry={entry} />
      </Table.Td>
      <Table.Td className={classes.reason}>{entry.reason}</Table.Td>
    </Table.Tr>
  )
}

function EntryCard({ entry, about, onOpen }: EntryProps) {
  return (
    <li className={classes.card}>
      <div className={classes.cardHead}>
        <OpenButton entry={entry} onOpen={onOpen} />
        <Outcome entry={entry} />
      </div>
      <div className={classes.cardBody}>
        <div>
          <Who entry={entry} />
        </div>
        <div>
          <Action entry={entry} />
        </div>
      </div>
      <Records entry={entry} about={about} />
      {entry.reason !== null && <Text size="sm">{entry.reason}</Text>}
    </li>
  )
}

function OpenButton({ entry, onOpen }: { entry: Entry; onOpen: (id: string) => void }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const at = format.dateTimeSeconds(entry.at)
  return (
    <UnstyledButton
      fz="sm"
      td="underline"
      onClick={(event) => {
        event.stopPropagation()
        onOpen(entry.id)
      }}
      aria-label={t('openEntry', { at })}
    >
      {at}
    </UnstyledButton>
  )
}

function Outcome({ entry: { outcome } }: { entry: Entry }) {
  const label = useCodeLabel()
  return (
    <div>
      <Badge color={outcomeColour(outcome)}>{label('outcome', outcome)}</Badge>
    </div>
  )
}

function Who({ entry: { userName, roles } }: { entry: Entry }) {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  return (
    <>
      {userName ?? t('nobody')}
      <Text component="span" size="xs" c="dimmed" display="block">
        {roles.map((role) => label('role', role)).join(', ')}
      </Text>
    </>
  )
}

function Action({ entry: { action, operation } }: { entry: Entry }) {
  const label = useCodeLabel()
  return (
    <>
      {label('auditAction', action)}
      <Code display="block" className={classes.plainCode}>
        {operation}
      </Code>
    </>
  )
}

/** The first records by their names, the id on hover; the rest is counted. */
function Records({ entry: { records }, about }: Omit<EntryProps, 'onOpen'>) {
  const { t } = useTranslation('audit')
  const nameOf = useRecordName()
  const label = useCodeLabel()
  // What has a name says more than what has none.
  const rank = (one: Entry['records'][number]) => (one.recordId === about || one.type === about ? 0 : one.label !== null ? 1 : 2)
  const first = records.toSorted((one, other) => rank(one) - rank(other)).slice(0, RECORDS_SHOWN)
  const left = records.length - first.length
  return (
    <>
      {first.map((record) => (
        <span key={`${record.type} ${record.recordId}`} className={classes.record} title={record.recordId}>
          <Text component="span" size="xs" c="dimmed">
            {label('recordType', record.type)}
          </Text>{' '}
          {nameOf(record)}
        </span>
      ))}
      {left > 0 && (
        <Text component="span" size="xs" c="dimmed" display="block">
          {t('moreRecords', { count: left })}
        </Text>
      )}
    </>
  )
}

/** Fields that were changed; of a mere reading the details tell. */
function Fields({ entry: { records } }: { entry: Entry }) {
  const { t } = useTranslation('audit')
  const fields = [...new Set(records.filter(({ isChanged }) => isChanged).flatMap((record) => record.fields))]
  if (fields.length === 0) return null
  const left = fields.length - FIELDS_SHOWN
  return (
    <div className={classes.fields}>
      {fields.slice(0, FIELDS_SHOWN).map((field) => (
        <Code key={field}>{field}</Code>
      ))}
      {left > 0 && (
        <Text component="span" size="xs" c="dimmed">
          {t('moreFields', { count: left })}
        </Text>
      )}
    </div>
  )
}

function Whence({ entry: { origin, address, userAgent } }: { entry: Entry }) {
  const label = useCodeLabel()
  return (
    <>
      {label('origin', origin)}
      {address !== null && (
        <Code display="block" className={classes.plainCode} title={userAgent ?? undefined}>
          {address}
        </Code>
      )}
    </>
  )
}
