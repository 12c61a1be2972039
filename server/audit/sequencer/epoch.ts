import type { ClientBase } from 'pg'
import { StartupError } from '../../startup-error.ts'
import { rebuildIndex } from '../indexer.ts'
import { integrateBelow } from './integrate.ts'
import { extendSpine, type Published, publish } from './publish.ts'
import type { LogSigner } from './signing-key.ts'
import { inTransaction } from './transaction.ts'

/** Larger than any transaction id. */
const NO_HORIZON = '18446744073709551615'

/**
 * A database that was dumped and restored counts its transactions anew, so the cursor would pass over everything new. Throws
 * StartupError then: going on is a decision that the log must show.
 */
export async function assertSameEpoch(client: ClientBase): Promise<void> {
  if (await isBehindCursor(client))
    throw new StartupError(
      'This database counts its transactions anew, as after a dump and restore: nothing is integrated. If you restored it yourself, say so in the log: npm run chiron -- audit epoch --cites <file with the newest checkpoint from outside>.',
    )
}

async function isBehindCursor(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ is_behind: boolean }>(
    "SELECT pg_snapshot_xmax(pg_current_snapshot()) < xid AS is_behind FROM audit.cursor WHERE name = 'sequencer'",
  )
  return rows[0]?.is_behind === true
}

/**
 * Begins a new epoch after a restore: integrates what the old one had left, and writes an `epoch` leaf that cites the newest checkpoint
 * known from outside. Throws StartupError when the database was not restored.
 */
export async function startEpoch(client: ClientBase, signer: LogSigner, cites: string): Promise<Published> {
  if (!(await isBehindCursor(client))) throw new StartupError('This database goes on counting where the log has stopped: there is no new epoch to begin.')
  while (!(await integrateBelow(client, NO_HORIZON)).isCaughtUp);
  await publish(client, signer)
  const published = await inTransaction(client, async () => {
    const { rows } = await client.query<{ number: number; tx: string; at: string }>(
      `UPDATE audit.installation SET epoch = epoch + 1, epoch_started_at = (
         SELECT coalesce(max(at) + interval '1 microsecond', statement_timestamp()) FROM audit.entry WHERE xid >= pg_snapshot_xmax(pg_current_snapshot()))
       RETURNING epoch AS number, '0' AS tx, to_char(epoch_started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
    )
    await client.query("UPDATE audit.cursor SET xid = '0', id = '00000000-0000-0000-0000-000000000000'")
    const [epoch] = rows
    return extendSpine(client, signer, [], [{ at: epoch?.at, cites, kind: 'epoch', number: epoch?.number, tx: epoch?.tx, v: 1 }])
  })
  await rebuildIndex(client)
  return published
}
