import { Modal, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import { ConfirmForm } from '../../ui/ConfirmForm.tsx'

type RemoveDialogProps = {
  title: string
  /** What is removed; null: nothing, and the dialog is closed. */
  text: string | null
  submit: string
  problem: string | null
  isRunning: boolean
  onSubmit: () => void
  onClose: () => void
}

/** Asks before a closed time opens again. */
export function RemoveDialog({ title, text, submit, problem, isRunning, onSubmit, onClose }: RemoveDialogProps) {
  const { t } = useTranslation('settings')
  return (
    <Modal opened={text !== null} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      {text !== null && (
        <ConfirmForm problem={problem} submit={submit} keep={t('keep')} isRunning={isRunning} onSubmit={onSubmit} onClose={onClose}>
          <Text size="sm">{text}</Text>
        </ConfirmForm>
      )}
    </Modal>
  )
}
