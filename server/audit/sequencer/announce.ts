import type { ClientBase } from 'pg'
import { isUuid, NIL_ID } from '../../../modules/kernel/ids.ts'
import { type AnnouncedChange, type Announcement, LIVE_CHANNEL, PAYLOAD_BYTES } from '../../live/announcement.ts'
import { type BatchBounds, batchOf } from './batch.ts'

/** More changed entries than this in one step are told as "anything": who reads them would refetch everything anyway. */
const MOST_ENTRIES = 1_000
/** More records of one type than this are told as "any of this type". */
const MOST_IDS = 100

// Only a transaction in which the database itself saw rows change can have an entry that tells of changes: that spares most bodies, those of reads,
// from being searched. A transaction at either end of the batch may have its rows in another step. Bodies are canonical JSON, so the text in
// front of a list of changes is always the same. The steps are kept apart: a planner that searched all bodies first would read the whole trail.
const CHANGED = `WITH batch AS MATERIALIZED (${batchOf('e.shard, e.organisation_id, e.clinic_id, e.id, e.xid, e.source')}),
    changing AS (SELECT xid FROM batch WHERE source = 'row' UNION (SELECT xid FROM batch ORDER BY xid LIMIT 1) UNION (SELECT xid FROM batch ORDER BY xid DESC LIMIT 1)),
    candidate AS MATERIALIZED (SELECT * FROM batch WHERE source = 'api' AND clinic_id <> '${NIL_ID}' AND xid IN (SELECT xid FROM changing))
  SELECT c.organisation_id AS organisation, c.clinic_id AS clinic, c.id AS entry, e.body FROM candidate c
    CROSS JOIN LATERAL (SELECT o.body FROM audit.entry o WHERE o.shard = c.shard AND o.id = c.id OFFSET 0) e
  WHERE position('"changes":[{'::bytea IN e.body) > 0 LIMIT ${MOST_ENTRIES + 1}`

const PLACES = `SELECT DISTINCT e.organisation_id AS organisation, e.clinic_id AS clinic FROM (${batchOf('e.organisation_id, e.clinic_id, e.source')}) e
  WHERE e.source = 'api' AND e.clinic_id <> '${NIL_ID}'`

export type ChangedEntry = { readonly organisation: string; readonly clinic: string; readonly entry: string; readonly body: Buffer }

/**
 * Tells API processes what the entries of this batch changed, inside the transaction that integrates them: a notice and a leaf exist
 * together or not at all, and the transactions that made the changes pay nothing for it.
 */
export async function announceChanges(client: ClientBase, bounds: BatchBounds): Promise<void> {
  const { rows } = await client.query<ChangedEntry>({ name: 'sequencer_changed', text: CHANGED, values: [...bounds] })
  if (rows.length === 0) return
  const announcements = rows.length > MOST_ENTRIES ? await anything(client, bounds) : gather(rows)
  // A full queue would fail the transaction, and a listener that hangs must not stop integration.
  await client.query({
    name: 'sequencer_announce',
    text: 'SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload WHERE pg_notification_queue_usage() < 0.5',
    values: [LIVE_CHANNEL, announcements.flatMap(split).map((one) => JSON.stringify(one))],
  })
}

async function anything(client: ClientBase, bounds: BatchBounds): Promise<Announcement[]> {
  const { rows } = await client.query<{ organisation: string; clinic: string }>({ name: 'sequencer_places', text: PLACES, values: [...bounds] })
  return rows.map((place) => ({ ...place, entry: null, changes: null }))
}

/** One announcement per clinic. An entry that cannot be read any more is passed over: integration must not stop for it. */
export function gather(entries: readonly ChangedEntry[]): Announcement[] {
  const places = new Map<string, { organisation: string; clinic: string; entry: string; types: Map<string, Set<string>> }>()
  for (const { organisation, clinic, entry, body } of entries) {
    const place = places.get(`${organisation} ${clinic}`) ?? { organisation, clinic, entry, types: new Map<string, Set<string>>() }
    places.set(`${organisation} ${clinic}`, place)
    place.entry = entry
    for (const { type, ids } of changesOf(body)) {
      const known = place.types.get(type) ?? new Set()
      place.types.set(type, known)
      for (const id of ids) known.add(id)
    }
  }
  return [...places.values()].flatMap(({ types, ...place }) => {
    const changes = [...types].filter(([, ids]) => ids.size > 0).map(([type, ids]): AnnouncedChange => ({ type, ids: ids.size > MOST_IDS ? null : [...ids] }))
    return changes.length > 0 ? [{ ...place, changes }] : []
  })
}

type Body = { readonly changes?: unknown }

// By hand: this runs for every change of the installation, and nothing but types and ids is taken from the body.
function changesOf(bytes: Buffer): readonly { type: string; ids: readonly string[] }[] {
  try {
    const { changes }: Body = JSON.parse(bytes.toString('utf8'))
    return Array.isArray(changes) ? changes.flatMap(changeOf) : []
  } catch {
    return []
  }
}

function changeOf(change: unknown): readonly { type: string; ids: readonly string[] }[] {
  if (typeof change !== 'object' || change === null || !('type' in change) || !('ids' in change)) return []
  const { type, ids } = change
  if (typeof type !== 'string' || !Array.isArray(ids)) return []
  return [{ type, ids: ids.filter((id: unknown) => typeof id === 'string' && isUuid(id)) }]
}

/** As many announcements as it takes for each to fit into a payload. A hundred ids of one type always do. */
export function split(announcement: Announcement): Announcement[] {
  const { changes, ...place } = announcement
  if (changes === null) return [announcement]
  const room = PAYLOAD_BYTES - Buffer.byteLength(JSON.stringify({ ...place, changes: [] }))
  const parts: AnnouncedChange[][] = []
  let left = 0
  for (const change of changes) {
    const bytes = Buffer.byteLength(JSON.stringify(change)) + 1
    if (bytes > left) {
      parts.push([])
      left = room
    }
    parts.at(-1)?.push(change)
    left -= bytes
  }
  return parts.map((part) => ({ ...place, changes: part }))
}
