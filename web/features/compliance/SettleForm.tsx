import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useClient } from 'urql'
import { useViewer } from '../../session/viewer.ts'
import { readMemory, settle, writeMemory } from '../witness/memory.ts'
import { witness } from '../witness/witness.ts'

/** Ends an alarm: whoever does it says that they looked into it, and this browser begins anew from what the server says now. */
export function SettleForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('verify')
  const { clinic } = useViewer()
  const client = useClient()
  const [isSure, setSure] = useState(false)
  function confirm() {
    writeMemory(settle(readMemory()))
    onClose()
    void witness(client, clinic.id)
  }
  return (
    <Stack gap="md">
      <Text size="sm">{t('settle.text')}</Text>
      <Checkbox checked={isSure} onChange={(event) => setSure(event.currentTarget.checked)} label={t('settle.sure')} />
      <Group gap="xs">
        <Button color="clay" disabled={!isSure} onClick={confirm}>
          {t('settle.confirm')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('settle.keep')}
        </Button>
      </Group>
    </Stack>
  )
}
