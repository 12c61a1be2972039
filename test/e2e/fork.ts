import { readFile } from 'node:fs/promises'
import type { Client } from 'pg'
import { logOrigin, SPINE, spineOrigin } from '../../modules/compliance/log-names.ts'
import { Frontier } from '../../modules/kernel/merkle.ts'
import { createSigner, formatCheckpoint, signNote } from '../../modules/kernel/signed-note.ts'
import { withClient } from '../../server/database/connection.ts'
import type { Hold } from './server.ts'

/**
 * What a thief does who holds the whole server: changes the first entry of a clinic's log with triggers switched off, and rebuilds
 * every hash, head and checkpoint that follows, signed with the installation's own key. Answers the id of the entry.
 */
export async function forkHistory({ adminUrl, keyFile }: Hold): Promise<string> {
  const seed = Buffer.from((await readFile(keyFile, 'utf8')).trim(), 'base64')
  return withClient(adminUrl, async (admin) => {
    await admin.query('BEGIN')
    await admin.query('SET LOCAL session_replication_role = replica')
    // The log's writer waits for these rows, and goes on from the forged ones.
    await admin.query('SELECT FROM audit.cursor FOR UPDATE')
    await admin.query('SELECT FROM audit.tree FOR UPDATE')
    const { rows } = await admin.query<{ log: number; clinic: string; month: string; installation: string }>(
      `SELECT t.log, t.clinic_id AS clinic, to_char(t.shard, 'YYYY-MM') AS month, i.id AS installation FROM audit.tree t, audit.installation i
       WHERE t.log > ${SPINE} AND t.published > 0 AND t.clinic_id <> '00000000-0000-0000-0000-000000000000' LIMIT 1`,
    )
    const [target] = rows
    if (!target) throw new Error('there is no log to forge')
    const entryId = await rewriteFirst(admin, target.log)
    await rewriteHeads(admin, target)
    const origins = [
      { log: target.log, origin: logOrigin(target.installation, target.clinic, target.month) },
      { log: SPINE, origin: spineOrigin(target.installation) },
    ]
    for (const { log, origin } of origins) await rebuild(admin, log, origin, seed)
    await admin.query('COMMIT')
    return entryId
  })
}

async function rewriteFirst(admin: Client, log: number): Promise<string> {
  const { rows } = await admin.query<{ id: string; leaf_hash: Buffer }>(
    `UPDATE audit.entry e SET body = convert_to(replace(convert_from(e.body, 'UTF8'), '"outcome":"ok"', '"outcome":"failed"'), 'UTF8')
     FROM (SELECT l.shard, l.entry_id FROM audit.leaf l JOIN audit.entry o ON o.shard = l.shard AND o.id = l.entry_id
       WHERE l.log = $1 AND convert_from(o.body, 'UTF8') LIKE '%"outcome":"ok"%' ORDER BY l.idx LIMIT 1) f
     WHERE e.shard = f.shard AND e.id = f.entry_id RETURNING e.id, e.leaf_hash`,
    [log],
  )
  const [entry] = rows
  if (!entry) throw new Error('there is no entry to forge')
  await admin.query('UPDATE audit.leaf SET leaf_hash = $3 WHERE log = $1 AND entry_id = $2', [log, entry.id, entry.leaf_hash])
  return entry.id
}

/** Size of the spine at the newest checkpoint that is kept outside the database. */
export function findAnchoredSize({ adminUrl }: Hold): Promise<number> {
  return withClient(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ size: number }>('SELECT coalesce(max(size), 0)::int AS size FROM audit.anchor WHERE anchored_at IS NOT NULL')
    return rows[0]?.size ?? 0
  })
}

const leavesOf = async (admin: Client, log: number) => {
  const text =
    log === SPINE ? 'SELECT leaf_hash FROM audit.spine WHERE $1::int = 0 ORDER BY idx' : 'SELECT leaf_hash FROM audit.leaf WHERE log = $1 ORDER BY idx'
  return (await admin.query<{ leaf_hash: Buffer }>(text, [log])).rows.map(({ leaf_hash }) => leaf_hash)
}

/** The roots of the log at every size. */
function rootsOf(leaves: readonly Buffer[]): { roots: Map<number, Buffer>; tree: Frontier } {
  const tree = new Frontier()
  const roots = new Map([[0, tree.root()]])
  for (const [index, leaf] of leaves.entries()) {
    tree.append(leaf)
    roots.set(index + 1, tree.root())
  }
  return { roots, tree }
}

async function rewriteHeads(admin: Client, { log, clinic, month }: { log: number; clinic: string; month: string }): Promise<void> {
  const { roots } = rootsOf(await leavesOf(admin, log))
  const { rows } = await admin.query<{ idx: string; body: string }>(
    `SELECT idx, convert_from(body, 'UTF8') AS body FROM audit.spine WHERE convert_from(body, 'UTF8') LIKE $1`,
    [`{"clinic":"${clinic}","kind":"head","month":"${month}"%`],
  )
  for (const { idx, body } of rows) {
    const head: { size: number } = JSON.parse(body)
    const forged = JSON.stringify({ ...head, root: roots.get(head.size)?.toString('hex') })
    await admin.query("UPDATE audit.spine SET body = convert_to($2, 'UTF8') WHERE idx = $1", [idx, forged])
  }
}

/** Tree and checkpoints as if the forged leaves had always been there. */
async function rebuild(admin: Client, log: number, origin: string, seed: Buffer): Promise<void> {
  const { roots, tree } = rootsOf(await leavesOf(admin, log))
  // A full tile would have to be forged as well; this installation is too young for one.
  if (tree.size >= 256n) throw new Error('the log is too long for this forger')
  await admin.query('UPDATE audit.tree SET frontier = $2 WHERE log = $1', [log, tree.roots()])
  const { rows } = await admin.query<{ size: string; note: string }>('SELECT size, note FROM audit.checkpoint WHERE log = $1', [log])
  for (const { size, note } of rows) {
    const extensions = note.split('\n\n')[0]?.split('\n').slice(3) ?? []
    const root = roots.get(Number(size)) ?? Buffer.alloc(32)
    const forged = signNote(formatCheckpoint({ origin, size: BigInt(size), root, extensions }), createSigner(origin, seed))
    await admin.query('UPDATE audit.checkpoint SET note = $3 WHERE log = $1 AND size = $2', [log, size, forged])
  }
}
