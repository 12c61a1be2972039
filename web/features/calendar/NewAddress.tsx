import { Alert, Button, CopyButton, Group, List, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck, IconCopy, IconKey } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

/** An address that nobody can show again. */
export type MadeFeed = { readonly url: string; readonly name: string }

export function NewAddress({ feed: { url, name }, onDone }: { feed: MadeFeed; onDone: () => void }) {
  const { t } = useTranslation('feeds')
  return (
    <Stack gap="md">
      <Alert role="status" color="amber" variant="light" icon={<IconKey size={18} />} title={t('made.title', { name })}>
        {t('made.once')}
      </Alert>
      <Group gap="xs" align="end">
        <TextInput
          readOnly
          label={t('made.address')}
          value={url}
          onFocus={(event) => event.currentTarget.select()}
          style={{ flex: '1 1 240px' }}
          data-autofocus
        />
        <CopyButton value={url}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              px="sm"
              onClick={copy}
              leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              aria-live="polite"
              style={{ flex: 'none' }}
            >
              {t(copied ? 'made.copied' : 'made.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
      <div>
        <Text fw={600} mb={4}>
          {t('made.how')}
        </Text>
        <List size="sm" spacing={4}>
          <List.Item>{t('made.google')}</List.Item>
          <List.Item>{t('made.apple')}</List.Item>
          <List.Item>{t('made.outlook')}</List.Item>
        </List>
      </div>
      <Button onClick={onDone} style={{ alignSelf: 'flex-start' }}>
        {t('made.done')}
      </Button>
    </Stack>
  )
}
