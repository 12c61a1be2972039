import type { ClientBase } from 'pg'

export type Indexed = {
  /** Entries that this step added to the index. */
  readonly indexed: number
  /** False when more entries wait than one step takes. */
  readonly isCaughtUp: boolean
}

/**
 * One step of the index behind "Who saw this?": learns from at most `limit` witnesses which record is about whom, then adds at
 * most `limit` entries of finished transactions, in their order. One statement, so all of it or nothing; the searches read what is
 * not indexed yet from the entries themselves. `client` is signed in as the sequencer. Throws what PostgreSQL throws.
 */
export async function indexStep(client: ClientBase, limit = 5_000): Promise<Indexed> {
  const { rows } = await client.query<Indexed>({
    name: 'index_step',
    text: 'SELECT indexed, is_caught_up AS "isCaughtUp" FROM audit.index_step($1)',
    values: [limit],
  })
  const [step] = rows
  if (!step) throw new Error('the step of the index answered nothing')
  return step
}

/**
 * Forgets the index, which the next steps make anew: after a restored database began a new epoch, or when it is doubted. Searches stay
 * complete meanwhile, and slow.
 */
export async function rebuildIndex(client: ClientBase): Promise<void> {
  await client.query('SELECT audit.rebuild_index()')
}
