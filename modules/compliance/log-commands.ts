import { z } from 'zod'
import type { UserActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { newId } from '../kernel/ids.ts'
import { NoteError, parseCheckpoint, parseNote } from '../kernel/signed-note.ts'
import { validate } from '../kernel/validate.ts'

/** Asks for a verification of the whole trail; the process that holds the log takes up all that wait together, within seconds. */
export async function requestVerification(tx: Tx, actor: UserActor): Promise<{ id: string }> {
  const id = newId()
  await tx.prisma.$executeRaw`INSERT INTO audit.verification (id, organisation_id, clinic_id, requested_by)
    VALUES (${id}::uuid, ${actor.organisationId}::uuid, ${actor.clinic.id}::uuid, ${actor.userId}::uuid)`
  tx.aggregates('verification_requested', { id })
  return { id }
}

// Empty where there is none: a browser had kept nothing yet, or the server said that nothing has been published.
const note = z
  .string()
  .max(4_000)
  .refine((text) => text === '' || isCheckpoint(text), 'must be a signed checkpoint')

const mismatchSchema = z.object({
  known: note,
  served: note,
  problem: z.enum(['bad-signature', 'inconsistent', 'shrunk', 'other-key', 'head-not-included']),
})
export type MismatchInput = { readonly known: string; readonly served: string; readonly problem: string }

/**
 * Keeps what somebody's browser found when the log did not continue the one that it had seen before: both signed notes are evidence.
 * Of each problem the first report of an hour at the clinic is kept, so that nobody can bury other findings under theirs. Throws
 * InvalidInputError for texts of more than 4,000 characters and for what is neither empty nor a signed checkpoint.
 */
export async function reportMismatch(tx: Tx, actor: UserActor, input: MismatchInput): Promise<{ reported: true }> {
  const { known, served, problem } = validate(mismatchSchema, input)
  await tx.prisma.$executeRaw`INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, detail)
    VALUES (${actor.organisationId}::uuid, ${actor.clinic.id}::uuid, 'browser', ${problem}, ${JSON.stringify({ known, served })}::jsonb)
    ON CONFLICT DO NOTHING`
  tx.aggregates('log_mismatch_reported', { problem })
  return { reported: true }
}

// Whoever signed it: that the signature is wrong may be what is reported.
function isCheckpoint(text: string): boolean {
  try {
    parseCheckpoint(parseNote(text).text)
    return true
  } catch (error) {
    if (error instanceof NoteError) return false
    throw error
  }
}
