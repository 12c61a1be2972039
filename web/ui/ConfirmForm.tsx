import { Alert, Button, Group, Stack } from '@mantine/core'
import type { ReactNode } from 'react'

type ConfirmFormProps = {
  children: ReactNode
  problem: string | null
  submit: string
  keep: string
  isRunning: boolean
  isDisabled?: boolean
  onSubmit: () => void
  onClose: () => void
}

/** The inside of a dialog that asks before something that cannot be taken back. */
export function ConfirmForm({ children, problem, submit, keep, isRunning, isDisabled = false, onSubmit, onClose }: ConfirmFormProps) {
  return (
    <Stack gap="md">
      {children}
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Group gap="xs">
        <Button color="clay" loading={isRunning} disabled={isDisabled} onClick={onSubmit}>
          {submit}
        </Button>
        <Button variant="default" onClick={onClose}>
          {keep}
        </Button>
      </Group>
    </Stack>
  )
}
