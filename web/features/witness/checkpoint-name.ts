import { checkpointOf } from './check-log.ts'
import { toHex } from './signed-note.ts'

/** What people compare two checkpoints by: the log, its size, and the beginning of its root. Null when there is no checkpoint. */
export function checkpointName(note: string): { origin: string; size: number; root: string } | null {
  const checkpoint = checkpointOf(note)
  return checkpoint && { origin: checkpoint.origin, size: Number(checkpoint.size), root: toHex(checkpoint.root).slice(0, 16) }
}
