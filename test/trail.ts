import type pg from 'pg'

export type Access = { type: string; fields: string[]; ids: string[] }
/** The body of an entry that an operation wrote, with its search row. */
export type ApiEntry = {
  xid: string
  leafIsRight: boolean
  text: string
  body: {
    action: string
    actor: { kind: string; user?: string; claimed?: string; name?: string }
    aggregates?: { name: string; params: Record<string, string> }[]
    at: string
    changes?: Access[]
    clinic: string
    detail?: string
    operation: { hash?: string; name: string }
    organisation: string
    origin: string
    outcome: string
    reads?: Access[]
    replay?: boolean
    request: string
  }
  search: {
    user_name: string | null
    detail: string | null
    address: string | null
    types: string[]
    record_ids: string[]
    class: string[]
    outcome: string
  } | null
}

type EntryRow = { xid: string; leaf_is_right: boolean; text: string; search: ApiEntry['search'] }

const SELECT_ENTRIES = `SELECT e.xid::text, e.leaf_hash = sha256('\\x00'::bytea || e.body) AS leaf_is_right, convert_from(e.body, 'UTF8') AS text,
    (SELECT to_jsonb(s) FROM audit.search s WHERE s.entry_id = e.id) AS search
  FROM audit.entry e WHERE e.source = 'api' AND convert_from(e.body, 'UTF8') LIKE '{%'`

function toEntry({ xid, leaf_is_right, text, search }: EntryRow): ApiEntry {
  return { xid, leafIsRight: leaf_is_right, text, body: JSON.parse(text), search }
}

/** Every entry that operations wrote, oldest first. */
export async function readEntries(admin: pg.Client): Promise<ApiEntry[]> {
  return (await admin.query<EntryRow>(`${SELECT_ENTRIES} ORDER BY e.at, e.id`)).rows.map(toEntry)
}

/** The entries of one request, oldest first. */
export async function entriesOf(admin: pg.Client, requestId: string | null): Promise<ApiEntry[]> {
  if (requestId === null) throw new Error('the response has no request id')
  return (
    await admin.query<EntryRow>(`${SELECT_ENTRIES} AND e.id IN (SELECT entry_id FROM audit.search WHERE request_id = $1) ORDER BY e.at, e.id`, [requestId])
  ).rows.map(toEntry)
}

type Witness = {
  xid: string
  body: { type: string; id: string; op: string; fields: string[]; commitment: string }
  /** Null once the image is encrypted or erased: then a row's owner is known by its type only. */
  row: Record<string, unknown> | null
  isCommitted: boolean
}

async function readWitnesses(admin: pg.Client): Promise<Witness[]> {
  const { rows } = await admin.query<{ xid: string; text: string; image: string | null; is_committed: boolean | null }>(`
    SELECT e.xid::text, convert_from(e.body, 'UTF8') AS text, convert_from(i.plaintext, 'UTF8') AS image,
      encode(sha256(i.salt || i.plaintext), 'hex') = convert_from(e.body, 'UTF8')::jsonb ->> 'commitment' AS is_committed
    FROM audit.entry e LEFT JOIN audit.image_pending i ON i.entry_id = e.id WHERE e.source = 'row' ORDER BY e.at, e.id`)
  return rows.map(({ xid, text, image, is_committed }) => {
    const body = JSON.parse(text)
    if (image === null) return { xid, body, row: null, isCommitted: true }
    const { before, after } = JSON.parse(image) as { before: Record<string, unknown> | null; after: Record<string, unknown> | null }
    return { xid, body, row: after ?? before ?? {}, isCommitted: is_committed === true }
  })
}

/**
 * Rows that belong to a record of another type: the operation names the record, the witness names the row. The column
 * points at the record.
 */
const PART_OF: Readonly<Record<string, readonly (readonly [type: string, column: string])[]>> = {
  RoleGrant: [['Role', 'role_id']],
  WeeklySchedule: [['StaffProfile', 'staff_id']],
  ClinicalNoteVersion: [['ClinicalNote', 'note_id']],
  ResourceClaim: [['Appointment', 'appointment_id']],
  StockLevel: [['Product', 'product_id']],
  InvoiceLine: [['Invoice', 'invoice_id']],
  PaymentAllocation: [
    ['Payment', 'payment_id'],
    ['Invoice', 'invoice_id'],
  ],
}
/** Stands for the id of an owner whose row cannot be read any more. */
const ANY = '*'
/** Sums that the database itself keeps when another row is inserted: that row's entry explains them. */
const KEPT_BY_TRIGGERS: Readonly<Record<string, { fields: readonly string[]; by: readonly string[] }>> = {
  StockLevel: { fields: ['on_hand', 'updated_at'], by: ['StockMovement'] },
  Lot: { fields: ['on_hand', 'updated_at'], by: ['StockMovement'] },
  Invoice: { fields: ['paid_minor', 'credited_minor'], by: ['PaymentAllocation', 'Invoice'] },
  Payment: { fields: ['allocated_minor'], by: ['PaymentAllocation'] },
}

/**
 * Compares what the row triggers saw with what operations said, transaction by transaction: every changed row must be
 * named by an entry of its own transaction, every named change of a record must have left a row, and every image must
 * match its commitment. Answers what disagrees.
 */
export async function findDisagreements(admin: pg.Client): Promise<string[]> {
  const entries = Map.groupBy(await readEntries(admin), ({ xid }) => xid)
  const witnesses = Map.groupBy(await readWitnesses(admin), ({ xid }) => xid)
  const problems: string[] = []
  for (const [xid, seen] of witnesses) {
    const own = entries.get(xid) ?? []
    const name = own.map(({ body }) => body.operation.name).join(' + ')
    if (own.length === 0) problems.push(`transaction ${xid} changed ${seen[0]?.body.type} without an entry`)
    const named = new Set(own.flatMap(({ body }) => body.changes ?? []).flatMap(({ type, ids }) => ids.map((id) => `${type} ${id}`)))
    const rows = new Set(seen.map(({ body }) => `${body.type} ${body.id}`))
    for (const witness of seen) {
      if (!witness.isCommitted) problems.push(`${name}: the image of ${witness.body.type} ${witness.body.id} does not match its commitment`)
      if (own.length > 0 && !isNamed(witness, named, rows))
        problems.push(`${name}: ${witness.body.op} of ${witness.body.type} (${witness.body.fields.join(', ')}) is in no entry`)
      for (const [type, column] of PART_OF[witness.body.type] ?? []) rows.add(`${type} ${witness.row === null ? ANY : String(witness.row[column])}`)
    }
    for (const record of named)
      if (!rows.has(record) && !rows.has(`${record.split(' ')[0]} ${ANY}`))
        problems.push(`${name}: claims to have changed ${record.split(' ')[0]}, but no row did`)
  }
  for (const own of entries.values())
    for (const { xid, body } of own)
      if (body.changes && !witnesses.has(xid)) problems.push(`${body.operation.name}: claims changes in a transaction that changed nothing`)
  return [...new Set(problems)].sort()
}

function isNamed({ body, row }: Witness, named: ReadonlySet<string>, rows: ReadonlySet<string>): boolean {
  if (named.has(`${body.type} ${body.id}`)) return true
  const owners = PART_OF[body.type] ?? []
  if (row !== null && owners.some(([type, column]) => named.has(`${type} ${String(row[column])}`))) return true
  if (row === null && owners.some(([type]) => [...named].some((record) => record.startsWith(`${type} `)))) return true
  const kept = KEPT_BY_TRIGGERS[body.type]
  if (!kept || (body.op === 'update' && !body.fields.every((field) => kept.fields.includes(field)))) return false
  return [...rows].some((other) => kept.by.some((type) => other.startsWith(`${type} `)))
}
