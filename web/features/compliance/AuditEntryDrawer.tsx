import { Badge, Code, Drawer, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { AuditEntryDetailFragment } from '../../gql/graphql.ts'
import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Audit.module.css'
import { outcomeColour } from './outcome.ts'

const AuditEntryDetail = graphql(`
  fragment AuditEntryDetail on AuditEntry {
    id
    at
    action
    operation
    origin
    outcome
    userId
    userName
    classes
    detail
    address
    userAgent
    sessionId
    requestId
    reason
    reads {
      type
      ids
      fields
    }
    changes {
      type
      ids
      fields
    }
  }
`)

type DrawerProps = { entry: FragmentType<typeof AuditEntryDetail> | null; onClose: () => void }

/** Everything that one entry says: who, from where, and which fields of which records were read or changed. */
export function AuditEntryDrawer({ entry, onClose }: DrawerProps) {
  const { t } = useTranslation('audit')
  const detail = readFragment(AuditEntryDetail, entry)
  return (
    <Drawer opened={detail !== null} onClose={onClose} title={t('detail.title')} size="lg" closeButtonProps={{ 'aria-label': t('detail.close') }}>
      {detail !== null && <Detail entry={detail} />}
    </Drawer>
  )
}

function Detail({ entry }: { entry: AuditEntryDetailFragment }) {
  const { t } = useTranslation('audit')
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <Stack gap="md">
      <Facts>
        <Fact name={t('detail.at')}>{format.dateTimeSeconds(entry.at)}</Fact>
        <Fact name={t('detail.who')}>{entry.userName ?? t('nobody')}</Fact>
        <Fact name={t('detail.action')}>{label('auditAction', entry.action)}</Fact>
        <Fact name={t('detail.operation')}>{entry.operation}</Fact>
        <Fact name={t('detail.outcome')}>
          <Badge color={outcomeColour(entry.outcome)}>{label('outcome', entry.outcome)}</Badge>
        </Fact>
        <Fact name={t('detail.origin')}>{label('origin', entry.origin)}</Fact>
        <Fact name={t('detail.classes')}>{entry.classes.map((one) => label('dataClass', one)).join(', ')}</Fact>
        <Fact name={t('detail.reason')}>{entry.reason}</Fact>
        <Fact name={t('detail.note')}>{entry.detail}</Fact>
        <Fact name={t('detail.address')}>{entry.address}</Fact>
        <Fact name={t('detail.userAgent')}>{entry.userAgent}</Fact>
        <Fact name={t('detail.requestId')}>{entry.requestId && <Code>{entry.requestId}</Code>}</Fact>
        <Fact name={t('detail.sessionId')}>{entry.sessionId && <Code>{entry.sessionId}</Code>}</Fact>
        <Fact name={t('detail.entryId')}>
          <Code>{entry.id}</Code>
        </Fact>
      </Facts>
      <Accesses title={t('detail.changes')} accesses={entry.changes} />
      <Accesses title={t('detail.reads')} accesses={entry.reads} />
    </Stack>
  )
}

function Accesses({ title, accesses }: { title: string; accesses: AuditEntryDetailFragment['reads'] }) {
  const { t } = useTranslation('audit')
  const label = useCodeLabel()
  if (accesses.length === 0) return null
  return (
    <div>
      <Title order={3} mb={6}>
        {title}
      </Title>
      <Stack gap="xs">
        {accesses.map((access) => (
          <div key={`${access.type} ${access.fields.join()}`} className={classes.access}>
            <Text fw={600}>
              {label('recordType', access.type)} · {t('recordCount', { count: access.ids.length })}
            </Text>
            <Text size="xs" c="dimmed">
              {access.fields.join(', ')}
            </Text>
            <div className={classes.ids}>
              {access.ids.map((id) => (
                <Code key={id}>{id}</Code>
              ))}
            </div>
          </div>
        ))}
      </Stack>
    </div>
  )
}
