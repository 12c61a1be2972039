import type { ClientBase } from 'pg'

/** Runs one step of the sequencer in a transaction of its own. What it throws rolls back and passes through. */
export async function inTransaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    await client.query('COMMIT')
    return result
  } catch (error) {
    // On a broken connection this fails as well, and the first error is the one that matters.
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}
