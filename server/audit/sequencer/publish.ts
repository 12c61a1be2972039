import type { ClientBase } from 'pg'
import { logOrigin, SPINE, spineOrigin } from '../../../modules/compliance/log-names.ts'
import { Frontier } from '../../../modules/kernel/merkle.ts'
import { formatCheckpoint, isSignedBy, parseCheckpoint, parseNote, signNote, verifierOf } from '../../../modules/kernel/signed-note.ts'
import { StartupError } from '../../startup-error.ts'
import { canonicalJson, type Json } from '../canonical-json.ts'
import { growTrees } from './growth.ts'
import type { LogSigner } from './signing-key.ts'
import { inTransaction } from './transaction.ts'

/** A signed checkpoint of the spine. */
export type Published = { readonly size: bigint; readonly root: Buffer; readonly note: string }

type TreeRow = { readonly log: number; readonly clinic_id: string; readonly shard: string; readonly size: string; readonly frontier: Buffer }
type Head = { readonly log: number; readonly clinic: string; readonly month: string; readonly size: string; readonly root: Buffer }

/** Signs a checkpoint for every log that has grown since its last one, and then one of the spine. Null when none has. */
export function publish(client: ClientBase, signer: LogSigner): Promise<Published | null> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<TreeRow>(
      'SELECT log, clinic_id, shard::text, size, frontier FROM audit.tree WHERE published < size AND log > 0 ORDER BY log FOR UPDATE',
    )
    if (rows.length === 0) return null
    const heads = rows.map(toHead)
    return extendSpine(
      client,
      signer,
      heads,
      heads.map(({ clinic, month, root, size }) => ({ clinic, kind: 'head', month, root: root.toString('hex'), size: Number(size), v: 1 })),
    )
  })
}

function toHead({ log, clinic_id, shard, size, frontier }: TreeRow): Head {
  return { log, clinic: clinic_id, month: shard.slice(0, 7), size, root: new Frontier(BigInt(size), frontier).root() }
}

type SpineRow = { readonly shard: string; readonly size: string; readonly frontier: Buffer; readonly note: string | null }

/** Leaves of the spine and their checkpoint commit together, so that what stands there must be what this key has signed last. */
function assertIsLastSigned(signer: LogSigner, { size, frontier, note }: SpineRow): void {
  if (size === '0') return
  const signed = note === null ? null : parseNote(note)
  const checkpoint = signed && parseCheckpoint(signed.text)
  const isOurs = signed !== null && isSignedBy(signed, verifierOf(signer.signerOf(spineOrigin(signer.installationId))))
  if (!isOurs || !checkpoint?.root.equals(new Frontier(BigInt(size), frontier).root()))
    throw new StartupError(
      'The spine was changed behind the sequencer, which signs no more of it: run npm run chiron -- audit verify, and restore the database.',
    )
}

/**
 * Inside an open transaction: adds leaves to the spine and signs its checkpoint, together with those of the logs whose heads are given.
 * Answers the spine's.
 */
export async function extendSpine(client: ClientBase, signer: LogSigner, heads: readonly Head[], leaves: readonly Json[]): Promise<Published> {
  const { rows } = await client.query<SpineRow & { stamp: string }>(
    `SELECT t.shard::text, t.size, t.frontier, (SELECT p.note FROM audit.checkpoint p WHERE p.log = t.log AND p.size = t.size) AS note, to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || ' ' || c.xid AS stamp
     FROM audit.tree t, audit.cursor c WHERE t.log = ${SPINE} AND c.name = 'sequencer' FOR UPDATE OF t`,
  )
  const [spine] = rows
  if (!spine) throw new Error('the spine is missing')
  const first = BigInt(spine.size)
  assertIsLastSigned(signer, spine)
  const { rows: hashes } = await client.query<{ leaf_hash: Buffer }>(
    `INSERT INTO audit.spine (idx, body) SELECT $1::bigint + n - 1, convert_to(body, 'UTF8') FROM unnest($2::text[]) WITH ORDINALITY AS leaf(body, n) ORDER BY n RETURNING idx, leaf_hash`,
    [first.toString(), leaves.map(canonicalJson)],
  )
  const tree = { log: SPINE, shard: spine.shard, size: first, frontier: spine.frontier }
  const [grown] = await growTrees(client, [{ tree, hashes: Buffer.concat(hashes.map(({ leaf_hash }) => leaf_hash)) }])
  if (!grown) throw new Error('the spine did not grow')
  const extensions = [`chiron/v1 ${spine.stamp}`]
  const noteOf = (origin: string, size: bigint, root: Buffer) => signNote(formatCheckpoint({ origin, size, root, extensions }), signer.signerOf(origin))
  const note = noteOf(spineOrigin(signer.installationId), grown.size, grown.root)
  const signed = heads.map(({ log, clinic, month, size, root }) => ({
    log,
    size,
    note: noteOf(logOrigin(signer.installationId, clinic, month), BigInt(size), root),
  }))
  const all = [...signed, { log: SPINE, size: grown.size.toString(), note }]
  await client.query(`INSERT INTO audit.checkpoint (log, size, note) SELECT * FROM unnest($1::int[], $2::bigint[], $3::text[])`, [
    all.map(({ log }) => log),
    all.map(({ size }) => size),
    all.map((row) => row.note),
  ])
  await client.query('UPDATE audit.tree t SET published = t.size WHERE log = ANY ($1::int[])', [all.map(({ log }) => log)])
  return { size: grown.size, root: grown.root, note }
}
