import type { Context } from '../../schema/context.ts'
import { reportConflict } from './claims.ts'
import { SlotTakenError } from './errors.ts'

const MOST_TRIES = 3

/**
 * Runs a command that chooses its own times: when somebody else has taken one between its look and its claim, it looks again. The last
 * refusal passes through.
 */
export async function repeated<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof SlotTakenError) || attempt >= MOST_TRIES) throw error
    }
  }
}

/** A refusal is read outside its transaction, so what it shows is noted here. */
export async function refusalsShown<T>(ctx: Context, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof SlotTakenError) reportConflict(ctx.db, error.conflict)
    throw error
  }
}
