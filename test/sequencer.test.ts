import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { logHashes } from '../modules/compliance/log-hashes.ts'
import { logOrigin, SPINE, spineOrigin } from '../modules/compliance/log-names.ts'
import { Frontier, hashLeaf, isConsistent, proveConsistency, proveInclusion, rootAt, rootFromInclusion } from '../modules/kernel/merkle.ts'
import { isSignedBy, parseCheckpoint, parseNote, verifierOf } from '../modules/kernel/signed-note.ts'
import { integrate } from '../server/audit/sequencer/integrate.ts'
import { publish } from '../server/audit/sequencer/publish.ts'
import { bindSigner, type LogSigner } from '../server/audit/sequencer/signing-key.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { integrateAll } from './world-compliance.ts'

let database: ClonedDatabase
let admin: pg.Client
let app: pg.Client
let client: pg.Client
let signer: LogSigner

const CLINIC = '01900000-0000-7000-8000-0000000000c1'
const OTHER = '01900000-0000-7000-8000-0000000000c2'
const INSERT = `INSERT INTO audit.entry (organisation_id, clinic_id, body) SELECT $1, $1, convert_to('{"n":' || n || '}', 'UTF8') FROM generate_series(1, $2::int) n`

const open = async (connectionString: string) => {
  const opened = new pg.Client({ connectionString })
  await opened.connect()
  return opened
}
const query = async <Row extends object>({ text, values }: { text: string; values: readonly unknown[] }) =>
  (await client.query<Row>({ text, values: [...values] })).rows
const leavesOf = async (clinic: string) =>
  (
    await client.query<{ log: number; shard: string; idx: string; body: Buffer; leaf_hash: Buffer }>(
      `SELECT l.log, l.shard::text, l.idx, e.body, l.leaf_hash FROM audit.leaf l JOIN audit.tree t USING (log) JOIN audit.entry e ON e.shard = l.shard AND e.id = l.entry_id
       WHERE t.clinic_id = $1 ORDER BY l.idx`,
      [clinic],
    )
  ).rows

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  ;[admin, app, client] = await Promise.all([open(database.adminUrl), open(database.appUrl), open(database.sequencerUrl)])
  signer = await bindSigner(client, randomBytes(32))
})
afterAll(async () => {
  await Promise.all([admin, app, client].map((one) => one.end()))
  await database.drop()
})
beforeEach(() => integrateAll(client))

describe('the sequencer', () => {
  it('integrates every committed entry once, in the order of transactions, without gaps', async () => {
    await app.query(INSERT, [CLINIC, 700])
    await app.query(INSERT, [OTHER, 3])
    await app.query(INSERT, [CLINIC, 5])
    await integrateAll(client, 100)
    const leaves = await leavesOf(CLINIC)
    expect(leaves.map(({ idx }) => Number(idx))).toEqual(Array.from({ length: 705 }, (_, index) => index))
    expect(leaves.every(({ body, leaf_hash }) => hashLeaf(body).equals(leaf_hash))).toBe(true)
    expect(await leavesOf(OTHER)).toHaveLength(3)
    const { rows } = await admin.query('SELECT count(*)::int AS count FROM audit.entry e WHERE NOT EXISTS (SELECT FROM audit.leaf l WHERE l.entry_id = e.id)')
    expect(rows[0].count).toBe(0)
  })

  it('misses no transaction that commits after a later one', async () => {
    const slow = await open(database.appUrl)
    await slow.query('BEGIN')
    await slow.query(INSERT, [CLINIC, 1])
    await app.query(INSERT, [CLINIC, 1])
    const before = (await leavesOf(CLINIC)).length
    await integrate(client)
    // The horizon stands at the slow transaction, so the quick one waits with it.
    expect(await leavesOf(CLINIC)).toHaveLength(before)
    expect((await client.query('SELECT audit.lag() AS lag')).rows[0].lag).toBeGreaterThan(0)
    await slow.query('COMMIT')
    await slow.end()
    await integrateAll(client)
    expect(await leavesOf(CLINIC)).toHaveLength(before + 2)
    expect((await client.query('SELECT audit.lag() AS lag')).rows[0].lag).toBe(0)
  })

  it('survives a transaction of 100,000 entries', async () => {
    await app.query(INSERT, [OTHER, 100_000])
    await integrateAll(client)
    expect((await client.query('SELECT size FROM audit.tree WHERE clinic_id = $1', [OTHER])).rows).toEqual([{ size: '100003' }])
  })

  it('leaves a tree whose root, tiles and proofs are those of its leaves', async () => {
    await app.query(INSERT, [CLINIC, 66_000])
    await integrateAll(client)
    const leaves = await leavesOf(CLINIC)
    const [{ log, shard } = { log: -1, shard: '' }] = leaves
    const naive = new Frontier()
    const roots = new Map<number, Buffer>()
    for (const [index, { leaf_hash }] of leaves.entries()) {
      naive.append(leaf_hash)
      roots.set(index + 1, naive.root())
    }
    const size = BigInt(leaves.length)
    const root = naive.root()
    const hashes = logHashes(query, { log, shard })
    expect(await rootAt(size, hashes)).toEqual(root)
    for (const index of [0, 255, 256, 511, 65_535, 65_536, leaves.length - 1]) {
      const path = await proveInclusion(BigInt(index), size, hashes)
      expect(rootFromInclusion(BigInt(index), size, leaves[index]?.leaf_hash ?? Buffer.alloc(0), path)).toEqual(root)
    }
    for (const old of [1, 256, 700, 65_536, 65_537, leaves.length])
      expect([old, isConsistent(BigInt(old), size, roots.get(old) ?? Buffer.alloc(0), root, await proveConsistency(BigInt(old), size, hashes))]).toEqual([
        old,
        true,
      ])
  })

  it('publishes a signed checkpoint per log that has grown and one of the spine, and nothing when nothing has', async () => {
    await publish(client, signer)
    expect(await publish(client, signer)).toBeNull()
    await app.query(INSERT, [CLINIC, 2])
    await integrateAll(client)
    const published = await publish(client, signer)
    const note = parseNote(published?.note ?? '')
    expect(isSignedBy(note, verifierOf(signer.signerOf(spineOrigin(signer.installationId))))).toBe(true)
    const spine = parseCheckpoint(note.text)
    expect(spine.extensions).toEqual([expect.stringMatching(/^chiron\/v1 \d{4}-\d\d-\d\dT[\d:.]{15}Z \d+$/)])
    expect(spine.root).toEqual(await rootAt(spine.size, logHashes(query, { log: SPINE, shard: '0001-01-01' })))
    const { rows } = await client.query<{ body: string; note: string; size: string }>(
      `SELECT convert_from(s.body, 'UTF8') AS body, c.note, t.size FROM audit.spine s JOIN audit.tree t ON t.clinic_id = '${CLINIC}' JOIN audit.checkpoint c USING (log, size) ORDER BY s.idx DESC LIMIT 1`,
    )
    const head = JSON.parse(rows[0]?.body ?? '{}')
    const own = parseNote(rows[0]?.note ?? '')
    const origin = logOrigin(signer.installationId, CLINIC, head.month)
    expect(isSignedBy(own, verifierOf(signer.signerOf(origin)))).toBe(true)
    expect(parseCheckpoint(own.text)).toMatchObject({ origin, size: BigInt(rows[0]?.size ?? 0) })
    expect(head).toEqual({
      clinic: CLINIC,
      kind: 'head',
      month: expect.any(String),
      root: parseCheckpoint(own.text).root.toString('hex'),
      size: Number(rows[0]?.size),
      v: 1,
    })
  })

  it('refuses a key that is not the one of this log', async () => {
    await expect(bindSigner(client, randomBytes(32))).rejects.toThrow(/not the one that has signed/)
  })
})
