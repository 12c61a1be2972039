import { Alert, Badge, Button, Code, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertOctagon, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { downloadText } from '../../ui/download.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Section } from '../../ui/Section.tsx'
import { checkpointName } from '../witness/checkpoint-name.ts'
import type { Alarm } from '../witness/memory.ts'
import { useWitness, witness } from '../witness/witness.ts'
import { SettleForm } from './SettleForm.tsx'
import classes from './Verify.module.css'

/** This browser is a witness itself: what it remembers, and what to do when the log contradicts it. */
export function BrowserSection() {
  const { t } = useTranslation('verify')
  const { t: tw } = useTranslation('witness')
  const { clinic } = useViewer()
  const client = useClient()
  const format = useFormat()
  const { kept, since, checkedAt, isSignatureChecked, alarm, settled } = useWitness()
  const [isChecking, setChecking] = useState(false)
  const sizeOf = (note: string | undefined) => {
    const name = note === undefined ? null : checkpointName(note)
    return name && tw('entries', { size: format.decimal(name.size) })
  }
  async function checkNow() {
    setChecking(true)
    await witness(client, clinic.id)
    setChecking(false)
  }
  const badge = alarm ? <Badge color="clay">{t('browser.alarm')}</Badge> : kept ? <Badge color="pine">{t('browser.good')}</Badge> : null
  return (
    <div id="browser">
      <Section title={t('browser.title')} aside={badge}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {t('browser.lead')}
          </Text>
          {alarm !== null && <AlarmPanel alarm={alarm} />}
          {kept === null && alarm === null && <Text>{t('browser.nothing')}</Text>}
          <Facts>
            <Fact name={t('browser.since')}>{since && format.dateTime(since)}</Fact>
            <Fact name={t('browser.checked')}>{checkedAt && format.dateTimeSeconds(checkedAt)}</Fact>
            <Fact name={t('browser.spine')}>{sizeOf(kept?.spine)}</Fact>
            <Fact name={t('browser.clinic')}>{sizeOf(kept?.clinics[clinic.id])}</Fact>
            <Fact name={t('browser.key')}>{kept && <Code className={classes.key}>{kept.verifierKey}</Code>}</Fact>
          </Facts>
          {isSignatureChecked === false && (
            <Alert role="note" color="amber" variant="light">
              {t('browser.unsupported')}
            </Alert>
          )}
          {alarm === null && (
            <Group>
              <Button variant="default" loading={isChecking} onClick={() => void checkNow()}>
                {t('browser.checkNow')}
              </Button>
            </Group>
          )}
          {settled.length > 0 && <Settled alarms={settled} />}
        </Stack>
      </Section>
    </div>
  )
}

function AlarmPanel({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation('verify')
  const { t: tw } = useTranslation('witness')
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <Alert color="clay" variant="light" icon={<IconAlertOctagon size={22} />} title={tw('alarm.title')}>
      <Stack gap="sm">
        <Text size="sm">{tw(`problem.${alarm.problem}`)}</Text>
        <Text size="sm">{t('browser.whatToDo')}</Text>
        <Notes alarm={alarm} />
        <Group gap="xs">
          <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => saveEvidence(alarm)}>
            {t('browser.evidence')}
          </Button>
          <Button color="clay" onClick={open}>
            {t('browser.settle')}
          </Button>
        </Group>
      </Stack>
      <Modal opened={isOpen} onClose={close} title={t('settle.title')} closeButtonProps={{ 'aria-label': t('settle.keep') }}>
        <SettleForm onClose={close} />
      </Modal>
    </Alert>
  )
}

function Notes({ alarm }: { alarm: Alarm }) {
  const { t: tw } = useTranslation('witness')
  return (
    <>
      {(['known', 'served'] as const).map((side) => (
        <div key={side}>
          <Text size="sm" fw={600}>
            {tw(`alarm.${side}`)}
          </Text>
          <Code block className={classes.note} tabIndex={0}>
            {alarm[side] === '' ? '—' : alarm[side]}
          </Code>
        </div>
      ))}
    </>
  )
}

function Settled({ alarms }: { alarms: readonly Alarm[] }) {
  const { t } = useTranslation('verify')
  const { t: tw } = useTranslation('witness')
  const format = useFormat()
  return (
    <details>
      <summary>{t('browser.settled', { count: alarms.length })}</summary>
      <Stack gap="xs" mt="xs">
        {alarms.map((alarm) => (
          <Group key={alarm.id} gap="xs" justify="space-between">
            <Text size="sm">
              {format.dateTime(alarm.at)} · {tw(`problem.${alarm.problem}`)}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => saveEvidence(alarm)}>
              {t('browser.evidence')}
            </Button>
          </Group>
        ))}
      </Stack>
    </details>
  )
}

function saveEvidence(alarm: Alarm): void {
  const notes = [alarm.known, alarm.served].filter((note) => note !== '').join('====\n')
  downloadText(`chiron-evidence-${alarm.at.slice(0, 19).replaceAll(':', '')}.txt`, notes)
}
