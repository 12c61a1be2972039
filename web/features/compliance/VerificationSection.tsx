import { Alert, Badge, Code, Group, Progress, Stack, Table, Text } from '@mantine/core'
import { IconAlertOctagon, IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { Failure } from '../../failure.ts'
import type { VerificationFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { EntryLink } from './FindingSection.tsx'
import { isUnderWay, useJobs } from './pending-jobs.ts'
import { useFindingKind } from './use-finding-kind.ts'
import classes from './Verify.module.css'
import { AuditVerifications, VerificationFields } from './verify-documents.ts'

const SHOWN = 10
const COLOURS: Record<string, string> = { passed: 'pine', failed: 'clay', broken: 'amber' }

/** The last run of the verifier as it goes, what it found, and the ones before. */
export function VerificationSection({ failure }: { failure: Failure | null }) {
  const { t } = useTranslation('verify')
  const textOf = useFailureText()
  const jobs = useJobs()
  const [result, load] = useQuery({ query: AuditVerifications, variables: { first: SHOWN } })
  // The watch over what is under way asks the server; each of its answers is shown here as well.
  useEffect(() => {
    if (jobs.tick > 0) load({ requestPolicy: 'network-only' })
  }, [jobs.tick, load])
  return (
    <Section title={t('last.title')}>
      {failure !== null && (
        <Alert role="alert" color="clay" variant="light" mb="sm">
          {textOf(failure)}
        </Alert>
      )}
      <QueryView result={result} onRetry={load} skeletonHeight={90}>
        {(data) => {
          const [last, ...earlier] = data.auditVerifications.map((one) => readFragment(VerificationFields, one))
          if (last === undefined) return <Text c="dimmed">{t('last.none')}</Text>
          return (
            <Stack gap="md">
              <Verification verification={last} />
              {earlier.length > 0 && <History verifications={earlier} />}
            </Stack>
          )
        }}
      </QueryView>
    </Section>
  )
}

function Verification({ verification }: { verification: VerificationFieldsFragment }) {
  if (isUnderWay(verification.state)) return <UnderWay verification={verification} />
  return <Verdict verification={verification} />
}

function UnderWay({ verification: { state, checked, total } }: { verification: VerificationFieldsFragment }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const label = useCodeLabel()
  const percent = total > 0 ? Math.min(100, Math.floor((100 * checked) / total)) : 0
  return (
    <div role="status">
      <Group justify="space-between" mb={4}>
        <Text fw={600}>{label('verificationState', state)}</Text>
        <Text size="sm" c="dimmed">
          {total > 0 && t('last.progress', { checked: format.decimal(checked), total: format.decimal(total) })}
        </Text>
      </Group>
      <Progress.Root size="lg">
        <Progress.Section value={total > 0 ? percent : 100} animated striped={total === 0} aria-label={t('last.progressLabel')} />
      </Progress.Root>
      <Text size="sm" c="dimmed" mt={4}>
        {t('last.canLeave')}
      </Text>
    </div>
  )
}

function Verdict({ verification }: { verification: VerificationFieldsFragment }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const { state, finishedAt, checked, findings, elsewhere } = verification
  const at = finishedAt === null ? '' : format.dateTimeSeconds(finishedAt)
  if (state === 'passed') {
    return (
      <Alert role="status" color="pine" variant="light" icon={<IconCircleCheck size={22} />} title={t('last.passed')}>
        {t('last.passedText', { size: format.decimal(checked), at })}
      </Alert>
    )
  }
  if (state === 'broken') {
    return (
      <Alert color="amber" variant="light" icon={<IconAlertTriangle size={22} />} title={t('last.broken')}>
        {t('last.brokenText', { at })}
      </Alert>
    )
  }
  return (
    <Alert role="alert" color="clay" variant="light" icon={<IconAlertOctagon size={22} />} title={t('last.failed')}>
      <Stack gap="sm">
        <Text size="sm">{t('last.failedText', { at })}</Text>
        <ul className={classes.findings}>
          {findings.map((finding) => (
            <BadEntry key={`${finding.code} ${finding.log} ${finding.index} ${finding.entryId}`} finding={finding} />
          ))}
        </ul>
        {elsewhere > 0 && <Text size="sm">{t('last.elsewhere', { count: elsewhere })}</Text>}
      </Stack>
    </Alert>
  )
}

function BadEntry({ finding }: { finding: VerificationFieldsFragment['findings'][number] }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const { name, text } = useFindingKind()(finding.code)
  return (
    <li className={classes.finding}>
      <Text fw={600}>{name}</Text>
      <Text size="sm">{text ?? finding.message}</Text>
      {finding.log !== null && (
        <Text size="sm">
          {finding.index === null ? t('last.inLog') : t('last.firstBad', { index: format.decimal(finding.index + 1) })}{' '}
          <Code className={classes.key}>{finding.log}</Code>
        </Text>
      )}
      {finding.entryId !== null && <EntryLink entryId={finding.entryId} />}
    </li>
  )
}

function History({ verifications }: { verifications: readonly VerificationFieldsFragment[] }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const label = useCodeLabel()
  const kindOf = useFindingKind()
  return (
    <details>
      <summary>{t('last.history')}</summary>
      <DataTable
        label={t('last.history')}
        columns={[
          { label: t('last.requested') },
          { label: t('last.state') },
          { label: t('last.checked'), isNumeric: true, isSecondary: true },
          { label: t('last.found'), isSecondary: true },
        ]}
      >
        {verifications.map((one) => (
          <Table.Tr key={one.id}>
            <Table.Td>{format.dateTimeSeconds(one.requestedAt)}</Table.Td>
            <Table.Td>
              <Badge color={COLOURS[one.state] ?? 'gray'}>{label('verificationState', one.state)}</Badge>
            </Table.Td>
            <Table.Td ta="right" visibleFrom="sm">
              {format.decimal(one.checked)}
            </Table.Td>
            <Table.Td visibleFrom="sm">{[...new Set(one.findings.map(({ code }) => kindOf(code).name))].join(', ')}</Table.Td>
          </Table.Tr>
        ))}
      </DataTable>
    </details>
  )
}
