import { Alert } from '@mantine/core'

/** Why a form was not taken; nothing while there is no reason. */
export function Problem({ text }: { text: string | null }) {
  if (text === null) return null
  return (
    <Alert role="alert" color="clay" variant="light">
      {text}
    </Alert>
  )
}
