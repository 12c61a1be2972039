import type { ClientBase } from 'pg'
import { type AuditLoad, effectOf, WRITE_NAMES } from './audit-load.ts'
import { PlainTree, readAnchors, readPoint } from './plain-tree.ts'

/** One line of the table. A number that is not allowed to be anything but 0 is a violation when it is. */
export type Line = { readonly label: string; readonly count: number; readonly mustBeZero: boolean }

const count = (label: string, value: number): Line => ({ label, count: value, mustBeZero: false })
const mustBeZero = (label: string, value: number): Line => ({ label, count: value, mustBeZero: true })

async function read<Row extends object>(admin: ClientBase, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  return (await admin.query<Row>(text, [...values])).rows
}

async function readCount(admin: ClientBase, text: string, values: readonly unknown[] = []): Promise<number> {
  const [row] = await read<{ n: string | number | null }>(admin, text, values)
  return Number(row?.n ?? Number.NaN)
}

/** The log itself: every committed entry has exactly one place in it. For a database at rest, whose sequencer had its time. */
export async function checkLog(admin: ClientBase): Promise<Line[]> {
  const leaves = await readCount(admin, 'SELECT count(*) AS n FROM audit.leaf')
  const perLog = await read<{ gaps: string; doubles: string }>(
    admin,
    `SELECT abs(t.size - count(l.idx)) + coalesce(max(l.idx) + 1 - count(DISTINCT l.idx), 0) AS gaps, count(l.idx) - count(DISTINCT l.idx) AS doubles
     FROM audit.tree t LEFT JOIN audit.leaf l ON l.log = t.log AND l.shard = t.shard WHERE t.log > 0 GROUP BY t.log`,
  )
  const sum = (values: readonly string[]) => values.reduce((total, value) => total + Number(value), 0)
  return [
    count('entries', await readCount(admin, 'SELECT count(*) AS n FROM audit.entry')),
    count('leaves', leaves),
    mustBeZero('gaps between leaves', sum(perLog.map(({ gaps }) => gaps))),
    mustBeZero(
      'entries with two leaves, places with two entries',
      sum(perLog.map(({ doubles }) => doubles)) + (await readCount(admin, 'SELECT count(*) - count(DISTINCT entry_id) AS n FROM audit.leaf')),
    ),
    mustBeZero(
      'entries below the cursor without a leaf',
      await readCount(
        admin,
        `SELECT count(*) AS n FROM audit.entry e, audit.cursor c WHERE c.name = 'sequencer' AND (e.xid, e.id) <= (c.xid, c.id)
           AND NOT EXISTS (SELECT FROM audit.leaf l WHERE l.shard = e.shard AND l.entry_id = e.id)`,
      ),
    ),
    mustBeZero(
      'leaves without their entry',
      await readCount(
        admin,
        'SELECT count(*) AS n FROM audit.leaf l LEFT JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id WHERE e.id IS NULL OR e.leaf_hash <> l.leaf_hash',
      ),
    ),
    ...(await checkRoots(admin)),
  ]
}

/** Computes each log anew from the bodies, and compares the root at every size for which a checkpoint was ever stored. */
async function checkRoots(admin: ClientBase): Promise<Line[]> {
  const logs = await read<{ log: number; shard: string }>(admin, 'SELECT log, shard::text FROM audit.tree ORDER BY log')
  let checked = 0
  let unequal = 0
  for (const { log, shard } of logs) {
    const points = (await read<{ note: string }>(admin, 'SELECT note FROM audit.checkpoint WHERE log = $1 ORDER BY size', [log])).map(({ note }) =>
      readPoint(note),
    )
    const tree = new PlainTree()
    const bodies = await readBodies(admin, log, shard)
    for (const { size, root } of points) {
      for (const body of bodies.slice(tree.size, size)) tree.append(body)
      checked += 1
      if (tree.size !== size || tree.root().toString('base64') !== root) unequal += 1
    }
  }
  return [count('checkpoints whose root was computed anew', checked), mustBeZero('checkpoints with another root', unequal)]
}

async function readBodies(admin: ClientBase, log: number, shard: string): Promise<Buffer[]> {
  const rows = await read<{ body: Buffer }>(
    admin,
    log === 0
      ? 'SELECT body FROM audit.spine WHERE $1::int = 0 AND $2::date IS NOT NULL ORDER BY idx'
      : `SELECT coalesce(e.body, '') AS body FROM audit.leaf l LEFT JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id WHERE l.log = $1 AND l.shard = $2 ORDER BY l.idx`,
    [log, shard],
  )
  return rows.map(({ body }) => body)
}

/** What left the API against what is in the trail, and what was confirmed against what is there. */
export async function checkAnswers(admin: ClientBase, load: AuditLoad): Promise<Line[]> {
  const entries = await read<{ request: string }>(
    admin,
    "SELECT DISTINCT convert_from(body, 'UTF8')::jsonb ->> 'request' AS request FROM audit.entry WHERE source = 'api'",
  )
  const recorded = new Set(entries.map(({ request }) => request))
  const [lost, half] = await checkEffects(admin, load)
  return [
    count('responses that left', load.acknowledged.length),
    count('responses withheld (503)', load.withheld),
    count('requests that nobody answered', load.unanswered),
    mustBeZero('responses without a durable entry', load.acknowledged.filter((id) => !recorded.has(id)).length),
    count('changes that were confirmed', load.writes.filter(({ answer }) => answer?.id).length + load.slow.length),
    mustBeZero('confirmed changes that are lost', lost),
    mustBeZero('half-written or repeated changes', half),
  ]
}

/** Confirmed: one row, with a witness, and an entry of the same transaction. Refused: no row. Never answered: at most one. */
async function checkEffects(admin: ClientBase, load: AuditLoad): Promise<[lost: number, half: number]> {
  let lost = 0
  let half = 0
  for (const name of WRITE_NAMES) {
    const { table, column } = effectOf(name)
    const found = await readEffects(admin, table, column)
    for (const { key, answer } of load.writes.filter((write) => write.name === name)) {
      const rows = found.get(key) ?? []
      if (answer?.id && !rows.some(({ id }) => id === answer.id)) lost += 1
      if (rows.length > (answer?.refusal ? 0 : 1) || rows.some(({ isWhole }) => !isWhole)) half += 1
    }
  }
  const clients = [...(await readEffects(admin, 'client', 'name')).values()].flat()
  const byId = new Map(clients.map((row) => [row.id, row]))
  for (const id of load.slow) if (!byId.has(id)) lost += 1
  half += clients.filter(({ key, isWhole }) => key.startsWith('slow-') && !isWhole).length
  return [lost, half]
}

type Effect = { readonly id: string; readonly key: string; readonly isWhole: boolean }

/** Rows by the key that they carry; whole are those whose insertion has a witness and, in the same transaction, an operation's entry. */
async function readEffects(admin: ClientBase, table: string, column: string): Promise<Map<string, Effect[]>> {
  const rows = await read<Effect>(
    admin,
    `WITH witnesses AS MATERIALIZED (
       SELECT convert_from(body, 'UTF8')::jsonb ->> 'id' AS id, xid FROM audit.entry WHERE source = 'row' AND convert_from(body, 'UTF8')::jsonb ->> 'op' = 'insert'
     ), operations AS MATERIALIZED (SELECT DISTINCT xid FROM audit.entry WHERE source = 'api')
     SELECT r.id, r.${column} AS key, o.xid IS NOT NULL AS "isWhole"
     FROM public.${table} r LEFT JOIN witnesses w ON w.id = r.id::text LEFT JOIN operations o ON o.xid = w.xid WHERE r.${column} IS NOT NULL`,
  )
  return Map.groupBy(rows, ({ key }) => key)
}

/** Row changes against operations, over the whole trail, and what the product's own reconciliation found. */
export async function checkReconciliation(admin: ClientBase): Promise<Line[]> {
  const [row] = await read<{ behind: string; empty: string }>(
    admin,
    `WITH bodies AS MATERIALIZED (SELECT xid, source, convert_from(body, 'UTF8')::jsonb AS body FROM audit.entry),
       transactions AS (SELECT xid, bool_or(source = 'row') AS has_rows, bool_or(source = 'api') AS has_entry, bool_or(body ? 'changes') AS claims FROM bodies GROUP BY xid)
     SELECT count(*) FILTER (WHERE has_rows AND NOT has_entry) AS behind, count(*) FILTER (WHERE claims AND NOT has_rows) AS empty FROM transactions`,
  )
  return [
    mustBeZero('transactions with row changes and no entry', Number(row?.behind)),
    mustBeZero('entries that claim changes of which there are none', Number(row?.empty)),
    mustBeZero('findings of the reconciliation', await readCount(admin, 'SELECT count(*) AS n FROM audit.finding')),
  ]
}

/** Notes of the anchor file (and others that an outsider kept) of which the database knows nothing, or something else. */
export async function countForeignNotes(admin: ClientBase, notes: readonly string[]): Promise<number> {
  const rows = await read<{ size: string; note: string }>(admin, 'SELECT size, note FROM audit.checkpoint WHERE log = 0')
  const stored = new Map(rows.map(({ size, note }) => [Number(size), readPoint(note).root]))
  return notes.map(readPoint).filter(({ size, root }) => stored.get(size) !== root).length
}

export function checkAnchors(anchorText: string, foreign: number): Line[] {
  return [count('checkpoints in the anchor file', readAnchors(anchorText).length), mustBeZero('old checkpoints that the database does not have', foreign)]
}
