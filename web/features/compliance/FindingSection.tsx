import { Badge, Code, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormat } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import type { LogStatus } from './LogSections.tsx'
import { useFindingKind } from './use-finding-kind.ts'
import classes from './Verify.module.css'

/** What reconciliation, verifications and browsers found wrong, newest first. */
export function FindingSection({ findings }: { findings: LogStatus['findings'] }) {
  const { t } = useTranslation('verify')
  const aside = findings.length === 0 ? <Badge color="pine">{t('findings.noneShort')}</Badge> : <Badge color="clay">{findings.length}</Badge>
  return (
    <Section title={t('findings.title')} aside={aside}>
      {findings.length === 0 ? (
        <Text c="dimmed">{t('findings.none')}</Text>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reachable by the keyboard
        <ul className={classes.findings} tabIndex={0} aria-label={t('findings.title')}>
          {findings.map((finding) => (
            <FindingLine key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
    </Section>
  )
}

function FindingLine({ finding }: { finding: LogStatus['findings'][number] }) {
  const { t } = useTranslation('verify')
  const format = useFormat()
  const label = useCodeLabel()
  const { name, text } = useFindingKind()(finding.kind)
  return (
    <li className={classes.finding}>
      <Text fw={600}>{name}</Text>
      {text !== null && <Text size="sm">{text}</Text>}
      <Text size="xs" c="dimmed">
        {format.dateTime(finding.at)} · {label('findingSource', finding.source)}
      </Text>
      {finding.entryId !== null && <EntryLink entryId={finding.entryId} />}
      {finding.detail !== '{}' && (
        <details>
          <summary>{t('findings.detail')}</summary>
          <Code block className={classes.note}>
            {readable(finding.detail)}
          </Code>
        </details>
      )}
    </li>
  )
}

/** Notes hold line feeds, which JSON would show as escapes. */
function readable(detail: string): string {
  return JSON.stringify(JSON.parse(detail), null, 2).replaceAll('\\n', '\n')
}

/** Leads to an entry of the trail. */
export function EntryLink({ entryId }: { entryId: string }) {
  const { t } = useTranslation('verify')
  return (
    <Text size="sm">
      <TextLink to="/compliance/audit" search={{ entry: entryId }}>
        {t('findings.entry')}
      </TextLink>{' '}
      <Code>{entryId}</Code>
    </Text>
  )
}
