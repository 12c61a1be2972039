import type { ClientBase } from 'pg'
import { logHashes } from '../../../modules/compliance/log-hashes.ts'
import { logOrigin, SPINE, spineOrigin } from '../../../modules/compliance/log-names.ts'
import { Frontier, rootAt } from '../../../modules/kernel/merkle.ts'
import { isSignedBy, parseCheckpoint, parseNote, verifierOf } from '../../../modules/kernel/signed-note.ts'
import { StartupError } from '../../startup-error.ts'
import type { LogSigner } from './signing-key.ts'

type Row = {
  readonly log: number
  readonly shard: string
  readonly clinic_id: string
  readonly size: string
  readonly published: string
  readonly frontier: Buffer
  readonly note: string | null
}

/**
 * What was signed once is what the sequencer builds on: compares every tree that still grows, and the spine, with its last signed checkpoint and
 * with its own leaves. Throws StartupError, and leaves a finding, when somebody has changed one behind its back: to go on would put
 * the sequencer's signature under it.
 */
export async function assertSigned(client: ClientBase, signer: LogSigner): Promise<void> {
  const { rows } = await client.query<Row>(
    `SELECT t.log, t.shard::text, t.clinic_id, t.size, t.published, t.frontier, c.note
     FROM audit.tree t LEFT JOIN audit.checkpoint c ON c.log = t.log AND c.size = t.published WHERE t.closed_at IS NULL ORDER BY t.log`,
  )
  for (const row of rows) {
    const problem = await findProblem(client, signer, row)
    if (problem !== null) await refuse(client, originOf(signer, row), problem)
  }
}

function originOf({ installationId }: LogSigner, { log, clinic_id, shard }: Row): string {
  return log === SPINE ? spineOrigin(installationId) : logOrigin(installationId, clinic_id, shard.slice(0, 7))
}

async function findProblem(client: ClientBase, signer: LogSigner, row: Row): Promise<string | null> {
  const [size, published] = [BigInt(row.size), BigInt(row.published)]
  if (row.log === SPINE && size !== published) return 'it has leaves that were never signed'
  const hashes = logHashes(async ({ text, values }) => (await client.query({ text, values: [...values] })).rows, row)
  try {
    if (!new Frontier(size, row.frontier).root().equals(await rootAt(size, hashes))) return 'its stored state is not that of its leaves'
    if (published === 0n) return null
    if (row.note === null) return 'its last checkpoint is gone'
    const note = parseNote(row.note)
    const { origin, size: signedSize, root } = parseCheckpoint(note.text)
    const isOurs = origin === originOf(signer, row) && isSignedBy(note, verifierOf(signer.signerOf(origin)))
    if (!isOurs || signedSize !== published) return 'its last checkpoint is not one that this key has signed'
    return root.equals(await rootAt(published, hashes)) ? null : 'it does not continue its last signed checkpoint'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function refuse(client: ClientBase, log: string, problem: string): Promise<never> {
  await client.query(
    `INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, detail)
     SELECT o, o, 'sequencer', 'log-altered', $1::jsonb FROM (VALUES ('00000000-0000-0000-0000-000000000000'::uuid)) AS nobody(o)
     WHERE NOT EXISTS (SELECT FROM audit.finding f WHERE f.source = 'sequencer' AND f.kind = 'log-altered' AND f.detail = $1::jsonb)`,
    [JSON.stringify({ log, problem })],
  )
  throw new StartupError(
    `The log ${log} was changed behind the sequencer (${problem}), which signs no more of it: run npm run chiron -- audit verify, and restore the database.`,
  )
}
