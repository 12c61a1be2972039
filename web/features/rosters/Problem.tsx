import { Alert } from '@mantine/core'

/** Why a form's wish was refused. */
export function Problem({ text }: { text: string | null }) {
  if (text === null) return null
  return (
    <Alert role="alert" color="clay" variant="light">
      {text}
    </Alert>
  )
}
