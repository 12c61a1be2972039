import { Alert, Badge, Code, Stack, Table, Text } from '@mantine/core'
import { IconClockExclamation } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { AuditLogStatusQuery } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Section } from '../../ui/Section.tsx'
import { checkpointName } from '../witness/checkpoint-name.ts'
import classes from './Verify.module.css'

export type LogStatus = AuditLogStatusQuery['auditLogStatus']

// What is not integrated yet is not protected yet.
const ALARMING_LAG_SECONDS = 5

/** How far the log has come, and whether entries wait for it. */
export function LogSection({ status }: { status: LogStatus }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const { spine, lagSeconds } = status
  const isLate = lagSeconds > ALARMING_LAG_SECONDS
  const badge = isLate ? <Badge color="clay">{t('log.late')}</Badge> : <Badge color="pine">{t('log.upToDate')}</Badge>
  return (
    <Section title={t('log.title')} aside={badge}>
      <Stack gap="sm">
        {isLate && (
          <Alert role="alert" color="clay" variant="light" icon={<IconClockExclamation size={18} />}>
            {t('log.lateText', { seconds: format.decimal(Math.round(lagSeconds)) })}
          </Alert>
        )}
        {spine === null && <Text c="dimmed">{t('log.none')}</Text>}
        <Facts>
          <Fact name={t('log.lag')}>{t('log.seconds', { seconds: format.decimal(Math.round(lagSeconds * 10) / 10) })}</Fact>
          {spine !== null && (
            <>
              <Fact name={t('log.size')}>{format.decimal(spine.size)}</Fact>
              <Fact name={t('log.at')}>{format.dateTimeSeconds(spine.at)}</Fact>
              <Fact name={t('log.root')}>
                <Code>{checkpointName(spine.checkpoint)?.root}…</Code>
              </Fact>
            </>
          )}
          <Fact name={t('log.installation')}>
            <Code className={classes.key}>{status.installationId}</Code>
          </Fact>
          <Fact name={t('log.key')}>{status.verifierKey !== null && <Code className={classes.key}>{status.verifierKey}</Code>}</Fact>
        </Facts>
      </Stack>
    </Section>
  )
}

/** Where checkpoints are kept outside the database. */
export function AnchorSection({ anchors }: { anchors: LogStatus['anchors'] }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  return (
    <Section title={t('anchors.title')}>
      <Text size="sm" c="dimmed" mb="xs">
        {t('anchors.lead')}
      </Text>
      {anchors.length === 0 ? (
        <Text>{t('anchors.none')}</Text>
      ) : (
        <DataTable
          label={t('anchors.title')}
          columns={[{ label: t('anchors.where') }, { label: t('anchors.size'), isNumeric: true, isSecondary: true }, { label: t('anchors.last') }]}
        >
          {anchors.map((anchor) => (
            <Table.Tr key={`${anchor.kind} ${anchor.target}`}>
              <Table.Td>
                {t(`anchors.kind.${kindOf(anchor.kind)}`)}
                <Code className={classes.key} display="block">
                  {anchor.target}
                </Code>
              </Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {format.decimal(anchor.size)}
              </Table.Td>
              <Table.Td>
                {anchor.anchoredAt === null ? t('anchors.never') : format.dateTime(anchor.anchoredAt)}
                {anchor.error !== null && (
                  <>
                    <Text size="xs" c="dimmed">
                      {t('anchors.tried', { at: format.dateTime(anchor.triedAt) })}
                    </Text>
                    <Badge color="clay">{t('anchors.failed')}</Badge>
                    <Code display="block" mt={4} className={classes.key}>
                      {anchor.error}
                    </Code>
                  </>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
    </Section>
  )
}

function kindOf(kind: string): 'file' | 'mail' | 'witness' | 'other' {
  return (['file', 'mail', 'witness'] as const).find((one) => one === kind) ?? 'other'
}

/** The clinic's log month by month. */
export function MonthSection({ months }: { months: LogStatus['months'] }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const stateOf = ({ closedAt, droppedAt }: LogStatus['months'][number]) => {
    if (droppedAt !== null) return <Badge color="gray">{t('months.dropped', { at: format.dateOfInstant(droppedAt) })}</Badge>
    if (closedAt !== null) return <Badge color="pine">{t('months.closed', { at: format.dateOfInstant(closedAt) })}</Badge>
    return <Badge color="amber">{t('months.open')}</Badge>
  }
  return (
    <Section title={t('months.title')}>
      {months.length === 0 ? (
        <Text c="dimmed">{t('months.none')}</Text>
      ) : (
        <DataTable
          label={t('months.title')}
          maxHeight={380}
          columns={[
            { label: t('months.month') },
            { label: t('months.size'), isNumeric: true },
            { label: t('months.published'), isNumeric: true, isSecondary: true },
            { label: t('months.state') },
          ]}
        >
          {months.map((one) => (
            <Table.Tr key={one.month}>
              <Table.Td>{format.month(one.month)}</Table.Td>
              <Table.Td ta="right">{format.decimal(one.size)}</Table.Td>
              <Table.Td ta="right" visibleFrom="sm">
                {format.decimal(one.published)}
              </Table.Td>
              <Table.Td>{stateOf(one)}</Table.Td>
            </Table.Tr>
          ))}
        </DataTable>
      )}
    </Section>
  )
}
