import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ResetMessageTemplate } from './template-documents.ts'

/** Gives up the organisation's own text, after a question. */
export function ResetText({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation('messages')
  const textOf = useFailureText()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(ResetMessageTemplate, (data) => data.resetMessageTemplate)

  async function reset() {
    const { payload, failure } = await run({ id })
    if (failure !== null) return setProblem(textOf(failure))
    // Null: a text that the product does not have. There is none now.
    if (payload !== null && payload.__typename !== 'MessageTemplate') return setProblem(textOf(refusal(payload)))
    notify({ color: 'pine', message: t('texts.reset.done') })
    close()
    onDone()
  }

  return (
    <>
      <Button variant="subtle" color="clay" onClick={open}>
        {t('texts.reset.open')}
      </Button>
      <Modal opened={isOpen} onClose={close} title={t('texts.reset.title')} closeButtonProps={{ 'aria-label': t('close') }}>
        <Stack gap="md">
          <Text size="sm">{t('texts.reset.text')}</Text>
          {problem !== null && (
            <Alert role="alert" color="clay" variant="light">
              {problem}
            </Alert>
          )}
          <Group gap="xs">
            <Button color="clay" loading={isRunning} onClick={() => void reset()}>
              {t('texts.reset.submit')}
            </Button>
            <Button variant="default" onClick={close}>
              {t('texts.reset.keep')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
