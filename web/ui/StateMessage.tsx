import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

type StateMessageProps = { icon: ReactNode; title: string; children?: ReactNode; action?: ReactNode; isAlert?: boolean }

/** Instead of content: nothing there, not allowed, did not work. Always says what to do next. */
export function StateMessage({ icon, title, children, action, isAlert = false }: StateMessageProps) {
  return (
    <Stack role={isAlert ? 'alert' : 'status'} align="center" gap={8} py={36} px="md" ta="center">
      <span aria-hidden="true" style={{ color: 'var(--mantine-color-dimmed)', lineHeight: 0 }}>
        {icon}
      </span>
      <Text fw={600} size="md">
        {title}
      </Text>
      {children !== undefined && (
        <Text c="dimmed" size="sm" maw={460} component="div">
          {children}
        </Text>
      )}
      {action !== undefined && <div style={{ marginTop: 6 }}>{action}</div>}
    </Stack>
  )
}
