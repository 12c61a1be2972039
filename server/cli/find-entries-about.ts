import type { AuditReader } from '../../modules/kernel/db.ts'

/** What entries are about; one of these is given, the others are null. */
export type About = { readonly entry: string | null; readonly record: string | null; readonly subject: string | null; readonly user: string | null }

type Posting = { readonly slice: string; readonly hour: string; readonly shard: string; readonly entries: readonly string[] }

/** Of at most 512 entries each. */
const LISTS_PER_PAGE = 200

/**
 * Ids of the entries that name a record, that name anything about a subject, or that a person made, at all clinics: from the index of the
 * trail page by page, and from the entries themselves where the index has not arrived yet.
 */
export async function findEntriesAbout(db: AuditReader, { entry, record, subject, user }: About, listsPerPage = LISTS_PER_PAGE): Promise<string[]> {
  if (entry !== null) return [entry]
  const match = matchOf({ record, subject, user })
  if (match === null) return []
  const { condition } = match
  const values = [await match.value(db)]
  // First: what is indexed meanwhile is then found twice, not never.
  const tail = await db.query<{ id: string }>({ name: 'audit_tail_about', text: tailOf(condition), values })
  const ids = new Set(tail.map(({ id }) => id))
  for (const term of await match.terms(db)) {
    for await (const { shards, entries } of readPostings(db, term, listsPerPage)) {
      const rows = await db.query<{ id: string }>({ name: 'audit_indexed_about', text: listedWith(condition), values: [...values, shards, entries] })
      for (const { id } of rows) ids.add(id)
    }
  }
  return [...ids]
}

type Match = {
  /** On `audit.search s`; $1 is the value. The lists of the index may hold more. */
  readonly condition: string
  readonly value: (db: AuditReader) => Promise<unknown>
  readonly terms: (db: AuditReader) => Promise<readonly string[]>
}

function matchOf({ record, subject, user }: Omit<About, 'entry'>): Match | null {
  if (record !== null) return { condition: '$1::uuid = ANY (s.record_ids)', value: async () => record, terms: async () => [record] }
  if (subject !== null) return { condition: 's.record_ids && $1::uuid[]', value: (db) => listRecordsAbout(db, subject), terms: async () => [subject] }
  if (user !== null) return { condition: 's.user_id = $1::uuid', value: async () => user, terms: (db) => listUserTerms(db, user) }
  return null
}

async function listRecordsAbout(db: AuditReader, subject: string): Promise<readonly string[]> {
  const [row] = await db.query<{ ids: string[] }>({ name: 'audit_records_about', text: 'SELECT audit.records_about($1::uuid) AS ids', values: [subject] })
  return row?.ids ?? [subject]
}

/** One term per clinic at which the person did something. */
async function listUserTerms(db: AuditReader, user: string): Promise<readonly string[]> {
  const rows = await db.query<{ term: string }>({
    name: 'audit_user_terms',
    text: "SELECT term FROM audit.vocabulary WHERE kind = 'user' AND value = $1::text",
    values: [user],
  })
  return rows.map(({ term }) => term)
}

// A log begins with a clinic's first entry, and what is in no log cannot be proved: the trees name every clinic that matters.
const tailOf = (condition: string) => `SELECT s.entry_id AS id FROM audit.cursor c CROSS JOIN (SELECT DISTINCT clinic_id FROM audit.tree WHERE log > 0) t
  CROSS JOIN LATERAL (SELECT * FROM audit.search s WHERE s.clinic_id = t.clinic_id AND (s.xid, s.entry_id) > (c.xid, c.id) OFFSET 0) s
  WHERE c.name = 'indexer' AND ${condition}`

const listedWith = (condition: string) => `SELECT s.entry_id AS id FROM unnest($2::date[], $3::uuid[]) AS listed(shard, id)
  CROSS JOIN LATERAL (SELECT * FROM audit.search s WHERE s.shard = listed.shard AND s.entry_id = listed.id LIMIT 1) s WHERE ${condition}`

/** The lists of a term, `limit` at a time, in the order of their key. */
async function* readPostings(db: AuditReader, term: string, limit: number): AsyncGenerator<{ shards: string[]; entries: string[] }> {
  let last: Pick<Posting, 'hour' | 'slice'> = { hour: '-infinity', slice: '0' }
  while (true) {
    const rows = await db.query<Posting>({
      name: 'audit_postings_of_term',
      text: `SELECT slice::text, hour::text, shard::text, entries FROM audit.posting WHERE term = $1::uuid AND (hour, slice) > ($2::timestamptz, $3::bigint)
        ORDER BY hour, slice LIMIT $4::int`,
      values: [term, last.hour, last.slice, limit],
    })
    const newest = rows.at(-1)
    if (!newest) return
    yield { shards: rows.flatMap(({ shard, entries }) => entries.map(() => shard)), entries: rows.flatMap(({ entries }) => entries) }
    last = newest
  }
}
