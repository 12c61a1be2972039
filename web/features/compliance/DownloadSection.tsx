import { Button, Text } from '@mantine/core'
import { IconCertificate, IconDownload, IconFileCheck, IconKey } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { downloadText } from '../../ui/download.ts'
import { Section } from '../../ui/Section.tsx'
import type { LogStatus } from './LogSections.tsx'
import classes from './Verify.module.css'

/** What somebody takes away to check the log elsewhere. */
export function DownloadSection({ status: { spine, verifierKey } }: { status: LogStatus }) {
  const { t } = useTranslation('verify')
  return (
    <Section title={t('downloads.title')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('downloads.lead')}
      </Text>
      <div className={classes.downloads}>
        <Button component="a" href="/audit/chiron-verify.mjs" download variant="default" leftSection={<IconFileCheck size={17} />}>
          {t('downloads.verifier')}
        </Button>
        <Button component="a" href="/audit/checkpoints.txt" download variant="default" leftSection={<IconDownload size={17} />}>
          {t('downloads.checkpoints')}
        </Button>
        {spine !== null && (
          <Button
            variant="default"
            leftSection={<IconCertificate size={17} />}
            onClick={() => downloadText(`chiron-checkpoint-${spine.size}.txt`, spine.checkpoint)}
          >
            {t('downloads.checkpoint')}
          </Button>
        )}
        {verifierKey !== null && (
          <Button variant="default" leftSection={<IconKey size={17} />} onClick={() => downloadText('chiron-key.vkey', `${verifierKey}\n`)}>
            {t('downloads.key')}
          </Button>
        )}
      </div>
    </Section>
  )
}
