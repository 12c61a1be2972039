import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { notify } from '../../notify.ts'

const UNDO_MS = 8_000

/** Says what happened and offers to take it back for eight seconds. */
export function showUndo(message: string, undoLabel: string, undo: () => void): void {
  const id = crypto.randomUUID()
  const undoOnce = () => {
    notifications.hide(id)
    undo()
  }
  notify({
    id,
    autoClose: UNDO_MS,
    color: 'pine',
    message: (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={undoOnce}>
          {undoLabel}
        </Button>
      </Group>
    ),
  })
}

export function showProblem(message: string): void {
  notify({ color: 'clay', autoClose: 12_000, message, role: 'alert' })
}
