import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { AuditImages, AuditReader, RowChange } from '../../../modules/kernel/db.ts'
import { isUuid, NIL_ID } from '../../../modules/kernel/ids.ts'
import { DAY_MS } from '../../../modules/kernel/time.ts'
import { type Image, parseImage, valueIn } from './image-text.ts'
import type { KeyRing, KeyRow } from './key-ring.ts'
import { KeyDamagedError } from './key-wrapper.ts'
import { open } from './sealing.ts'

const SALT_BYTES = 32

type Found = {
  readonly apiId: string
  readonly id: string
  readonly body: string
  readonly isPending: boolean
  readonly ct: Buffer | null
  readonly keyId: string | null
  readonly organisationId: string
  readonly clinicId: string
  readonly subjectId: string
  readonly wrapped: Buffer | null
  readonly clinicKeyId: string | null
  readonly masterKey: string | null
  readonly clinicWrapped: Buffer | null
}

const bodySchema = z.object({ type: z.string(), id: z.string(), op: z.string(), fields: z.array(z.string()), commitment: z.string() })

// Every step is nested on purpose (OFFSET 0): each look-up then prunes to one month, where a join over all months would read
// their indexes whole. A restored database counts its transactions anew, so both sides must be of the same epoch.
const FIND = `SELECT w.id AS "apiId", r.id, convert_from(r.body, 'UTF8') AS body, p.entry_id IS NOT NULL AS "isPending", i.ct, k.id AS "keyId",
  r.organisation_id AS "organisationId", r.clinic_id AS "clinicId", k.subject_id AS "subjectId", k.wrapped,
  c.id AS "clinicKeyId", c.master_key AS "masterKey", c.wrapped AS "clinicWrapped"
FROM unnest($1::uuid[], $2::date[]) AS w(id, shard)
CROSS JOIN (SELECT epoch_started_at AS since FROM audit.installation) epoch
CROSS JOIN LATERAL (SELECT e.shard, e.xid, e.at FROM audit.entry e WHERE e.shard = w.shard AND e.id = w.id AND e.source = 'api' OFFSET 0) a
CROSS JOIN LATERAL (
  SELECT e.shard, e.id, e.body, e.organisation_id, e.clinic_id FROM audit.entry e
  WHERE e.shard = a.shard AND e.xid = a.xid AND e.source = 'row' AND e.id > $3::uuid AND (e.at >= epoch.since) = (a.at >= epoch.since)
  ORDER BY e.id LIMIT $4
) r
LEFT JOIN LATERAL (SELECT m.ct, m.key_id FROM audit.image m WHERE m.shard = r.shard AND m.entry_id = r.id OFFSET 0) i ON true
LEFT JOIN LATERAL (SELECT d.id, d.subject_id, d.wrapped FROM audit.data_key d WHERE d.id = i.key_id OFFSET 0) k ON true
LEFT JOIN LATERAL (SELECT d.id, d.master_key, d.wrapped FROM audit.data_key d
  WHERE d.organisation_id = r.organisation_id AND d.clinic_id = r.clinic_id AND d.subject_id = '${NIL_ID}' OFFSET 0) c ON true
LEFT JOIN LATERAL (SELECT q.entry_id FROM audit.image_pending q WHERE q.entry_id = r.id OFFSET 0) p ON true
ORDER BY w.id, r.id`

/** Opens the trail's images for an operation, whose scope `reader` carries: row-level security hides what is beyond it. */
export function createAuditImages(reader: Pick<AuditReader, 'query'>, keys: KeyRing): AuditImages {
  return {
    listRowChanges: async (entryIds, { limit, after }) => {
      const places = entryIds.flatMap((id) => monthsAround(id).map((shard) => ({ id, shard })))
      const rows = await reader.query<Found>({
        name: 'audit_row_changes',
        text: FIND,
        values: [places.map(({ id }) => id), places.map(({ shard }) => shard), after ?? NIL_ID, limit],
      })
      const changes = new Map<string, RowChange[]>()
      for (const row of rows) {
        const own = changes.get(row.apiId) ?? []
        own.push(await readRow(row, keys))
        changes.set(row.apiId, own)
      }
      return changes
    },
  }
}

/** First days of the months in which an entry can be: its id holds the API's clock, which the database's may differ from by a day. */
function monthsAround(id: string): string[] {
  const instant = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
  const months = [instant - DAY_MS, instant + DAY_MS].map((at) => `${new Date(at).toISOString().slice(0, 7)}-01`)
  return [...new Set(months)]
}

type Opened = { readonly state: RowChange['state']; readonly isIntact: boolean | null; readonly image: Image | null }

async function readRow(row: Found, keys: KeyRing): Promise<RowChange> {
  const body = parseBody(row.body)
  const { state, isIntact, image } = await openImage(row, body?.commitment ?? null, keys)
  return {
    entryId: row.id,
    // A body that is no longer what the trigger wrote cannot say what it is about.
    type: body?.type ?? '',
    recordId: body && isUuid(body.id) ? body.id : null,
    op: body?.op ?? '',
    state,
    isIntact,
    fields: (body?.fields ?? []).map((name) => ({ name, before: valueIn(image?.before, name), after: valueIn(image?.after, name) })),
  }
}

async function openImage(row: Found, commitment: string | null, keys: KeyRing): Promise<Opened> {
  if (row.ct === null || row.keyId === null) return { state: row.isPending ? 'pending' : 'erased', isIntact: null, image: null }
  const key = await openKey(row, keys)
  const plain = key && open(key, row.ct, row.id)
  const image = plain && parseImage(plain.subarray(SALT_BYTES))
  if (!plain || !image) return { state: 'damaged', isIntact: false, image: null }
  return { state: 'available', isIntact: createHash('sha256').update(plain).digest('hex') === commitment, image }
}

/** Null when the key's row, or its clinic's, was altered; a missing master key is the installation's problem, and thrown. */
async function openKey(row: Found, keys: KeyRing): Promise<Buffer | null> {
  if (row.keyId === null || row.wrapped === null || row.clinicKeyId === null || row.clinicWrapped === null) return null
  const place = { organisationId: row.organisationId, clinicId: row.clinicId }
  const clinic: KeyRow = { ...place, id: row.clinicKeyId, subjectId: NIL_ID, masterKey: row.masterKey, wrapped: row.clinicWrapped }
  const subject: KeyRow = { ...place, id: row.keyId, subjectId: row.subjectId, masterKey: null, wrapped: row.wrapped }
  try {
    return await keys.open(subject, clinic)
  } catch (error) {
    if (error instanceof KeyDamagedError) return null
    throw error
  }
}

function parseBody(text: string): z.output<typeof bodySchema> | null {
  try {
    return bodySchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
