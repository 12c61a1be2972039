import { Code } from '@mantine/core'
import { IconAlertOctagon } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { useCan, useFormat } from '../../session/viewer.ts'
import { TextLink } from '../../ui/TextLink.tsx'
import { checkpointName } from './checkpoint-name.ts'
import type { Alarm } from './memory.ts'
import classes from './Witness.module.css'
import { useWitness, useWitnessing } from './witness.ts'

/** Watches the log, and says on every screen that it contradicts what this browser saw. Only the verification page can end that. */
export function WitnessBanner() {
  useWitnessing()
  const { alarm } = useWitness()
  return alarm === null ? null : <Warning alarm={alarm} />
}

function Warning({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('witness')
  const can = useCan()
  const format = useFormat()
  return (
    <div role="alert" className={classes.banner}>
      <IconAlertOctagon size={26} stroke={1.8} aria-hidden="true" className={classes.icon} />
      <div className={classes.text}>
        <strong>{t('alarm.title')}</strong>
        <span>{t(`problem.${alarm.problem}`)}</span>
        <details>
          <summary>{t('alarm.details')}</summary>
          <dl className={classes.notes}>
            <Named name={t('alarm.known')} note={alarm.known} />
            <Named name={t('alarm.served')} note={alarm.served} />
            <dt>{t('alarm.at')}</dt>
            <dd>{format.dateTime(alarm.at)}</dd>
          </dl>
        </details>
        <span>
          {t(alarm.isReported ? 'alarm.reported' : 'alarm.unreported')} {can('audit-log:view') ? t('alarm.lookInto') : t('alarm.tell')}{' '}
          {can('audit-log:view') && (
            <TextLink to="/compliance/verify" search={{}} hash="browser" className={classes.link}>
              {t('alarm.open')}
            </TextLink>
          )}
        </span>
      </div>
    </div>
  )
}

/** One of the two checkpoints that contradict each other. */
export function Named({ name, note }: { name: string; note: string }) {
  const { t } = useTranslation('witness')
  const format = useFormat()
  const checkpoint = checkpointName(note)
  return (
    <>
      <dt>{name}</dt>
      <dd>
        {checkpoint === null ? t('none') : t('entries', { size: format.decimal(checkpoint.size) })}
        {checkpoint !== null && (
          <>
            {' · '}
            <Code>{checkpoint.root}…</Code> <Code className={classes.origin}>{checkpoint.origin}</Code>
          </>
        )}
      </dd>
    </>
  )
}
