import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spineOrigin } from '../modules/compliance/log-names.ts'
import { type ProofBundle, proveEntries, proveGrowth } from '../modules/compliance/proofs.ts'
import type { AuditReader } from '../modules/kernel/db.ts'
import { newId } from '../modules/kernel/ids.ts'
import { formatVerifierKey, verifierOf } from '../modules/kernel/signed-note.ts'
import { canonicalJson } from '../server/audit/canonical-json.ts'
import { exportLog } from '../server/audit/log-export/export-log.ts'
import { assertSameEpoch, startEpoch } from '../server/audit/sequencer/epoch.ts'
import { closeMonth, dropMonth } from '../server/audit/sequencer/months.ts'
import { publish } from '../server/audit/sequencer/publish.ts'
import { reconcile } from '../server/audit/sequencer/reconcile.ts'
import { bindSigner, type LogSigner } from '../server/audit/sequencer/signing-key.ts'
import { openExport, verify, verifyProof } from '../verifier/chiron-verify.mjs'
import { openDatabase } from '../verifier/database-source.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { integrateAll, TEST_SEED } from './world-compliance.ts'

const CLINIC = newId()
const ORGANISATION = newId()
const OLD = '2019-03'

let folder: string
let database: ClonedDatabase
let admin: pg.Client
let client: pg.Client
let signer: LogSigner
let key: string

const open = async (connectionString: string) => {
  const opened = new pg.Client({ connectionString })
  await opened.connect()
  return opened
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-months-'))
  database = await cloneDatabase(TEMPLATE)
  ;[admin, client] = await Promise.all([open(database.adminUrl), open(database.sequencerUrl)])
  signer = await bindSigner(client, TEST_SEED)
  key = formatVerifierKey(verifierOf(signer.signerOf(spineOrigin(signer.installationId))))
  await admin.query('SET ROLE chiron_audit_owner')
  for (const parent of ['entry', 'leaf', 'tile', 'image', 'search', 'posting'])
    await admin.query('SELECT audit.make_partition($1, $2::date, $3)', [parent, `${OLD}-01`, ['entry', 'leaf', 'tile'].includes(parent)])
  await admin.query('RESET ROLE')
})
afterAll(async () => {
  await Promise.all([admin.end(), client.end()])
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

/** One transaction of a month: an operation's entry and, unless told otherwise, a row that it inserted and deleted. Answers the entry's id. */
async function write(month: string, { hasEntry = true, hasRow = true } = {}): Promise<string> {
  const at = `${month}-15T10:00:00.000000Z`
  // Ids hold the instant at which they were made.
  const stamp = Date.parse(at).toString(16).padStart(12, '0')
  const idOfMonth = () => `${stamp.slice(0, 8)}-${stamp.slice(8)}${newId().slice(13)}`
  const [entry, record] = [idOfMonth(), newId()]
  const place = { at, clinic: CLINIC, organisation: ORGANISATION, v: 2 }
  const api = {
    ...place,
    action: 'update',
    actor: { kind: 'system', name: 'test' },
    changes: [{ fields: ['name'], ids: [record], type: 'Room' }],
    entry,
    operation: { name: 'test' },
    origin: 'job',
    outcome: 'ok',
    request: newId(),
    source: 'api',
  }
  const row = (op: string) => ({
    ...place,
    commitment: '0'.repeat(64),
    entry: newId(),
    fields: ['name'],
    id: record,
    op,
    source: 'row',
    subject: null,
    type: 'Room',
  })
  await admin.query('BEGIN')
  for (const body of [...(hasRow ? [row('insert'), row('delete')] : []), ...(hasEntry ? [api] : [])]) {
    const { rows } = await admin.query<{ tx: string }>('SELECT pg_current_xact_id()::text AS tx')
    await admin.query('INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, at, source, body) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      `${month}-01`,
      body.entry,
      ORGANISATION,
      CLINIC,
      at,
      body.source,
      Buffer.from(canonicalJson({ ...body, tx: rows[0]?.tx })),
    ])
    if (body.source === 'row')
      await admin.query(
        "INSERT INTO audit.image_pending (entry_id, shard, organisation_id, clinic_id, salt, plaintext) VALUES ($1, $2, $3, $4, decode(repeat('00', 32), 'hex'), '')",
        [body.entry, `${month}-01`, ORGANISATION, CLINIC],
      )
  }
  await admin.query('COMMIT')
  return entry
}

const thisMonth = () => new Date().toISOString().slice(0, 7)

async function sign(): Promise<string> {
  await integrateAll(client)
  await publish(client, signer)
  const { rows } = await client.query<{ note: string }>('SELECT note FROM audit.checkpoint WHERE log = 0 ORDER BY size DESC LIMIT 1')
  return rows[0]?.note ?? ''
}

async function findings(checkpoints: string[]): Promise<{ online: unknown[]; offline: unknown[] }> {
  const source = await openDatabase(client)
  const online = await verify(source, { key, checkpoints })
  await source.close()
  const dir = join(folder, newId())
  await exportLog(client, { dir, month: null, clinicId: null })
  const offline = await verify(await openExport(dir), { key, checkpoints })
  return { online: online.findings, offline: offline.findings }
}

const reader: AuditReader = {
  query: async <Row extends object>({ text, values }: { text: string; values: readonly unknown[] }) => (await client.query<Row>(text, [...values])).rows,
  reads: () => {},
  aggregates: () => {},
}
const holds = (bundle: ProofBundle | null) => verifyProof(bundle, key).ok

describe('a month', () => {
  let old: string
  let recent: string
  let kept: string
  let proofs: ProofBundle[]

  beforeAll(async () => {
    for (let count = 0; count < 100; count += 1) await write(OLD)
    old = await write(OLD)
    recent = await write(thisMonth())
    kept = await sign()
    proofs = [(await proveEntries(reader, [old])).bundle, (await proveEntries(reader, [recent])).bundle]
  })

  it('cannot be dropped while it is open', async () => {
    await expect(dropMonth(client, signer, OLD, 'none')).rejects.toThrow(/no closed month/)
    await expect(client.query('SELECT audit.drop_month($1::date)', [`${OLD}-01`])).rejects.toThrow(/AUDIT_MONTH_OPEN/)
    await expect(client.query('SELECT audit.seal_month($1::date)', [`${thisMonth()}-01`])).rejects.toThrow(/AUDIT_MONTH_OPEN/)
  })

  it('is closed once it has ended and all of it is integrated, and then takes no entry any more', async () => {
    const late = await write(OLD)
    expect(await closeMonth(client, signer)).toBeNull()
    await expect(write(OLD)).rejects.toThrow(/AUDIT_IMMUTABLE/)
    await admin.query('ROLLBACK')
    await sign()
    expect(await closeMonth(client, signer)).toMatchObject({ month: OLD })
    expect(await closeMonth(client, signer)).toBeNull()
    expect((await proveEntries(reader, [late])).proven).toBe(3)
    expect(await findings([kept])).toEqual({ online: [], offline: [] })
  })

  it('leaves its root and census in the spine', async () => {
    const { rows } = await client.query<{ body: string }>(
      `SELECT convert_from(body, 'UTF8') AS body FROM audit.spine WHERE convert_from(body, 'UTF8') LIKE '%"kind":"closed"%'`,
    )
    const leaves = rows.map(({ body }) => JSON.parse(body))
    // 102 transactions of three entries each; what was inserted was deleted again.
    expect(leaves).toEqual([expect.objectContaining({ clinic: CLINIC, month: OLD, size: 306, census: { Room: { count: 0, sum: '0'.repeat(64) } } })])
  })

  it('can be dropped, and verification and the proofs of other entries hold', async () => {
    await dropMonth(client, signer, OLD, 'five years: NOM-004-SSA3-2012, 5.4')
    const { rows } = await admin.query("SELECT count(*)::int AS tables FROM pg_class WHERE relnamespace = 'audit'::regnamespace AND relname LIKE '%2019_03'")
    expect(rows).toEqual([{ tables: 0 }])
    expect(await findings([kept])).toEqual({ online: [], offline: [] })
    // Those that were taken before still prove what they said; new ones are made for what is there.
    expect(proofs.map(holds)).toEqual([true, true])
    expect((await proveEntries(reader, [old])).proven).toBe(0)
    expect(holds((await proveEntries(reader, [recent])).bundle)).toBe(true)
    expect(holds(await proveGrowth(reader, kept))).toBe(true)
    await expect(dropMonth(client, signer, OLD, 'again')).rejects.toThrow(/no closed month/)
  })

  it('that was dropped without a word in the log is found out', async () => {
    await admin.query('UPDATE audit.tree SET dropped_at = NULL WHERE shard = $1', [`${OLD}-01`])
    const { online } = await findings([kept])
    expect(online[0]).toMatchObject({ log: expect.stringContaining(OLD) })
    await admin.query('UPDATE audit.tree SET dropped_at = now() WHERE shard = $1', [`${OLD}-01`])
  })
})

describe('reconciliation', () => {
  const kinds = async () =>
    (await client.query<{ kind: string; entry_id: string }>("SELECT kind, entry_id FROM audit.finding WHERE source = 'reconciliation' ORDER BY id")).rows

  it('finds rows without an entry and entries without a row, once each, and nothing else', async () => {
    await sign()
    while (!(await reconcile(client, 7)).isCaughtUp);
    expect(await kinds()).toEqual([])
    await write(thisMonth(), { hasEntry: false })
    const empty = await write(thisMonth(), { hasRow: false })
    await write(thisMonth())
    await sign()
    expect(await reconcile(client)).toMatchObject({ findings: 3, isCaughtUp: true })
    expect(await reconcile(client)).toEqual({ findings: 0, isCaughtUp: true })
    const found = await kinds()
    expect(found.map(({ kind }) => kind)).toEqual(['row-without-entry', 'row-without-entry', 'entry-without-row'])
    expect(found.at(-1)?.entry_id).toBe(empty)
  })
})

describe('a body that is no JSON', () => {
  it('is a finding of reconciliation, and stops neither it nor anything else', async () => {
    const { rows } = await admin.query<{ id: string }>("INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES ($1, $2, '\\xff00') RETURNING id", [
      ORGANISATION,
      CLINIC,
    ])
    await sign()
    expect(await reconcile(client)).toMatchObject({ findings: 1, isCaughtUp: true })
    const { rows: found } = await client.query("SELECT entry_id FROM audit.finding WHERE kind = 'bad-body'")
    expect(found).toEqual([{ entry_id: rows[0]?.id }])
    const { online } = await findings([])
    expect(online).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'bad-body', entry: rows[0]?.id })]))
  })
})

describe('a restored database, which counts its transactions anew', () => {
  it('is not integrated until the log says so, and then goes on', async () => {
    await expect(startEpoch(client, signer, 'none')).rejects.toThrow(/no new epoch/)
    const before = await sign()
    // As after a dump and restore: the entries keep transaction ids that the new cluster has not reached.
    await admin.query('SET session_replication_role = replica')
    await admin.query("UPDATE audit.cursor SET xid = '900000000000' WHERE name = 'sequencer'")
    await admin.query('RESET session_replication_role')
    await expect(assertSameEpoch(client)).rejects.toThrow(/counts its transactions anew/)
    await startEpoch(client, signer, before)
    await assertSameEpoch(client)
    const { rows } = await admin.query<{ id: string }>("INSERT INTO audit.entry (organisation_id, clinic_id, body) VALUES ($1, $2, 'after') RETURNING id", [
      ORGANISATION,
      CLINIC,
    ])
    await sign()
    expect((await client.query('SELECT count(*)::int AS leaves FROM audit.leaf WHERE entry_id = $1', [rows[0]?.id])).rows).toEqual([{ leaves: 1 }])
    expect((await client.query('SELECT epoch FROM audit.installation')).rows).toEqual([{ epoch: 2 }])
  })
})
