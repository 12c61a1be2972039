import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spineOrigin } from '../modules/compliance/log-names.ts'
import { newId } from '../modules/kernel/ids.ts'
import { Frontier } from '../modules/kernel/merkle.ts'
import { formatVerifierKey, parseCheckpoint, parseNote, verifierOf } from '../modules/kernel/signed-note.ts'
import { AccessLog } from '../server/audit/access-log.ts'
import { buildEntries, type EntryRow, INSERT_ENTRIES } from '../server/audit/entry.ts'
import { exportLog } from '../server/audit/log-export/export-log.ts'
import { publish } from '../server/audit/sequencer/publish.ts'
import { bindSigner } from '../server/audit/sequencer/signing-key.ts'
import { bootstrapDatabase } from '../server/database/bootstrap.ts'
import { startEmbedded } from '../server/database/embedded.ts'
import { applyMigrations } from '../server/database/migrate.ts'
import { openExport, verify } from '../verifier/chiron-verify.mjs'
import { openDatabase } from '../verifier/database-source.ts'
import { startHarness } from './harness.ts'
import { type ClonedDatabase, cloneDatabase, type TestServer } from './postgres.ts'
import { buildOrganisation, type WorldOrganisation } from './world.ts'
import { integrateAll } from './world-compliance.ts'

const seed = randomBytes(32)
let folder: string
let original: ClonedDatabase
let org: WorldOrganisation
let key: string
/** Checkpoints that somebody outside keeps. */
let early: string
let kept: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-tampering-'))
  // As root the server runs as another user, who must be able to pass through this folder.
  await chmod(folder, 0o711)
  const harness = await startHarness()
  org = await buildOrganisation(harness.app, 'uno')
  original = await cloneFrom(harness.database.name, () => harness.app[Symbol.asyncDispose]())
  await harness.database.drop()
  early = await grow(original, 500)
  kept = await grow(original, 100)
  key = await keyOf(original)
})
afterAll(async () => {
  await original.drop()
  await rm(folder, { recursive: true, force: true })
})

/** A copy of a database whose server has let go of it. */
async function cloneFrom(name: string, release: () => Promise<void>): Promise<ClonedDatabase> {
  await release()
  return cloneDatabase(name)
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Entries of a job that read one record each. */
function entriesOf(organisationId: string, clinicId: string, count: number): EntryRow[] {
  const clinic = { id: clinicId, name: '', timeZone: 'UTC', currency: 'MXN', countryCode: 'MX', locale: 'en', opensMinute: 0, closesMinute: 1440 } as const
  const actor = { kind: 'system', name: 'test', organisationId, clinic, sharePatients: true, staffId: null, locale: 'en' } as const
  const operation = { requestId: newId(), actor, origin: 'job', name: 'test', address: null, userAgent: null, documentHash: null, action: 'read' } as const
  return Array.from({ length: count }, () => {
    const access = new AccessLog()
    access.reads('Patient', [newId()], ['id', 'name'])
    return buildEntries({ operation, access, outcome: 'ok' })
  }).flat()
}

/** Writes entries as the application, integrates and signs. Answers the newest checkpoint of the spine. */
async function grow(
  { appUrl, sequencerUrl }: Pick<TestServer, 'appUrl' | 'sequencerUrl'>,
  count: number,
  organisation = org.id,
  clinic = org.clinics[0]?.id ?? '',
): Promise<string> {
  await connected(appUrl, (app) => app.query(INSERT_ENTRIES, [JSON.stringify(entriesOf(organisation, clinic, count))]))
  return sign(sequencerUrl)
}

function sign(sequencerUrl: string): Promise<string> {
  return connected(sequencerUrl, async (client) => {
    const signer = await bindSigner(client, seed)
    await integrateAll(client)
    await publish(client, signer)
    const { rows } = await client.query<{ note: string }>('SELECT note FROM audit.checkpoint WHERE log = 0 ORDER BY size DESC LIMIT 1')
    return rows[0]?.note ?? ''
  })
}

function keyOf({ sequencerUrl }: Pick<TestServer, 'sequencerUrl'>): Promise<string> {
  return connected(sequencerUrl, async (client) => {
    const signer = await bindSigner(client, seed)
    return formatVerifierKey(verifierOf(signer.signerOf(spineOrigin(signer.installationId))))
  })
}

type Found = {
  code: string
  log: string | null
  index?: number
  last?: number
  entry?: string
  entries?: (string | null)[]
  size?: number
  type?: string
  record?: string
}

/** What the verifier says of a database, asked online and offline. */
async function verifyBoth(database: Pick<TestServer, 'sequencerUrl'>, checkpoints: string[]): Promise<{ online: Found[]; offline: Found[] }> {
  return connected(database.sequencerUrl, async (client) => {
    const source = await openDatabase(client)
    const online = await verify(source, { key, checkpoints })
    await source.close()
    const dir = join(folder, newId())
    await exportLog(client, { dir, month: null, clinicId: null })
    const offline = await verify(await openExport(dir), { key, checkpoints })
    await rm(dir, { recursive: true })
    expect([online.ok, offline.ok]).toEqual([online.findings.length === 0, offline.findings.length === 0])
    return { online: online.findings, offline: offline.findings }
  })
}

/** A copy of the database in which a superuser does something with every trigger switched off. */
async function tamper(change: (admin: pg.Client) => Promise<void>, from = original): Promise<ClonedDatabase> {
  const database = await cloneDatabase(from.name)
  await connected(database.adminUrl, async (admin) => {
    await admin.query('SET session_replication_role = replica')
    await change(admin)
  })
  return database
}

type Leaf = { log: number; shard: string; idx: string; entry_id: string }

async function leafAt(admin: pg.Client, index: number): Promise<Leaf> {
  const { rows } = await admin.query<Leaf>(
    'SELECT l.log, l.shard::text, l.idx, l.entry_id FROM audit.leaf l JOIN audit.tree t USING (log) WHERE t.clinic_id = $1 AND l.idx = $2',
    [org.clinics[0]?.id, index],
  )
  const [leaf] = rows
  if (!leaf) throw new Error(`no leaf ${index}`)
  return leaf
}

const EDIT = `UPDATE audit.entry SET body = convert_to(replace(convert_from(body, 'UTF8'), '"name"', '"title"'), 'UTF8') WHERE id = $1`

describe('a superuser with triggers switched off', () => {
  it('leaves the verifier content as long as nothing is done', async () => {
    expect(await verifyBoth(original, [kept])).toEqual({ online: [], offline: [] })
  })

  const INDEX = 300
  let victim: Leaf
  const named = () => ({ index: INDEX, entry: victim.entry_id })
  const CASES: Record<string, { change: (admin: pg.Client) => Promise<unknown>; expected: () => object; offline?: () => object }> = {
    'edits a body': {
      change: (admin) => admin.query(EDIT, [victim.entry_id]),
      expected: () => ({ code: 'body-edited', ...named() }),
    },
    'edits a body and its hash': {
      change: async (admin) => {
        await admin.query(EDIT, [victim.entry_id])
        await admin.query('UPDATE audit.leaf l SET leaf_hash = e.leaf_hash FROM audit.entry e WHERE e.id = l.entry_id AND l.entry_id = $1', [victim.entry_id])
      },
      expected: () => ({ code: 'hash-edited', ...named() }),
      // An export holds the tree's hashes and the bodies, not the table of leaves between them.
      offline: () => ({ code: 'body-edited', ...named() }),
    },
    'deletes an entry': {
      change: (admin) => admin.query('DELETE FROM audit.entry WHERE id = $1', [victim.entry_id]),
      expected: () => ({ code: 'entry-missing', index: INDEX }),
    },
    'deletes an entry with its leaf, and closes the gap': {
      change: async (admin) => {
        await admin.query('DELETE FROM audit.entry WHERE id = $1', [victim.entry_id])
        await admin.query('DELETE FROM audit.leaf WHERE entry_id = $1', [victim.entry_id])
        // Upwards one by one, as the key demands.
        await admin.query('UPDATE audit.leaf SET idx = -idx WHERE log = $1 AND idx > $2', [victim.log, INDEX])
        await admin.query('UPDATE audit.leaf SET idx = -idx - 1 WHERE log = $1 AND idx < 0', [victim.log])
      },
      expected: () => ({ code: 'entry-missing', index: INDEX }),
    },
    'swaps two entries': {
      change: async (admin) => {
        await admin.query('UPDATE audit.leaf SET idx = -1 WHERE log = $1 AND idx = $2', [victim.log, INDEX])
        await admin.query('UPDATE audit.leaf SET idx = $2 WHERE log = $1 AND idx = $3', [victim.log, INDEX, INDEX + 7])
        await admin.query('UPDATE audit.leaf SET idx = $2 WHERE log = $1 AND idx = -1', [victim.log, INDEX + 7])
      },
      expected: () => ({ code: 'entries-swapped', index: INDEX }),
    },
    'inserts a row behind the API, without a trace': {
      change: (admin) =>
        admin.query(
          "INSERT INTO room (id, organisation_id, clinic_id, name, kind, updated_at) VALUES ('01900000-0000-7000-8000-00000000beef', $1, $2, 'Hidden', 'consultation', now())",
          [org.id, org.clinics[0]?.id],
        ),
      expected: () => ({ code: 'unwitnessed-row', type: 'Room', record: '01900000-0000-7000-8000-00000000beef' }),
    },
    'deletes a row behind the API': {
      change: (admin) => admin.query('DELETE FROM role_assignment WHERE user_id = $1', [org.userId('groomer')]),
      expected: () => ({ code: 'missing-row', type: 'RoleAssignment' }),
    },
    'cuts the tail off, with its checkpoints and heads': {
      change: cutTail,
      // The first leaf of the spine that is gone.
      expected: () => ({ code: 'tail-cut', index: Number(parseCheckpoint(parseNote(early).text).size) }),
    },
  }

  beforeAll(async () => {
    victim = await connected(original.adminUrl, (admin) => leafAt(admin, INDEX))
  })

  it.each(Object.entries(CASES))('who %s is found out, online and offline', async (_name, { change, expected, offline: expectedOffline = expected }) => {
    const database = await tamper(async (admin) => void (await change(admin)))
    try {
      const { online, offline } = await verifyBoth(database, [kept])
      expect(online[0]).toMatchObject(expected())
      expect(offline[0]).toMatchObject(expectedOffline())
    } finally {
      await database.drop()
    }
  })

  it('who inserts a row with the gate switched off is found out by the row trigger', async () => {
    const database = await cloneDatabase(original.name)
    try {
      await connected(database.adminUrl, async (admin) => {
        await admin.query('ALTER TABLE audit.gate DISABLE TRIGGER entry_required')
        await admin.query("INSERT INTO room (id, organisation_id, clinic_id, name, kind, updated_at) VALUES ($3, $1, $2, 'Hidden', 'consultation', now())", [
          org.id,
          org.clinics[0]?.id,
          newId(),
        ])
      })
      await sign(database.sequencerUrl)
      const { online, offline } = await verifyBoth(database, [kept])
      expect(online[0]).toMatchObject({ code: 'row-without-entry' })
      expect(offline[0]).toMatchObject({ code: 'row-without-entry', entry: online[0]?.entry })
    } finally {
      await database.drop()
    }
  })

  it('who adds an entry that no log holds is found out', async () => {
    const database = await tamper(async (admin) => {
      await admin.query("INSERT INTO audit.entry (organisation_id, clinic_id, xid, body) VALUES ($1, $2, '7', '{}')", [org.id, org.clinics[0]?.id])
    })
    try {
      const { online, offline } = await verifyBoth(database, [kept])
      expect([online[0]?.code, offline[0]?.code]).toEqual(['unlogged-entry', 'unlogged-entry'])
    } finally {
      await database.drop()
    }
  })

  it('who forks the history with the stolen key, and makes it longer than the old one, is found out by one old checkpoint', async () => {
    // What really happened after the common past …
    const real = await cloneDatabase(original.name)
    const later = await grow(real, 20).finally(() => real.drop())
    // … and what the thief tells, signed with the very same key.
    const database = await cloneDatabase(original.name)
    try {
      for (let round = 0; round < 4; round += 1) await grow(database, 30)
      expect(await verifyBoth(database, [kept])).toEqual({ online: [], offline: [] })
      const { online, offline } = await verifyBoth(database, [kept, later])
      expect([online[0]?.code, offline[0]?.code]).toEqual(['fork', 'fork'])
    } finally {
      await database.drop()
    }
  })
})

/** Back to the early checkpoint, as if nothing had ever followed: entries, leaves, tiles, heads, checkpoints, sizes and frontiers. */
async function cutTail(admin: pg.Client): Promise<void> {
  const spineSize = parseCheckpoint(parseNote(early).text).size.toString()
  const { rows: heads } = await admin.query<{ clinic: string; size: string }>(
    `SELECT body ->> 'clinic' AS clinic, max((body ->> 'size')::bigint) AS size FROM (SELECT convert_from(body, 'UTF8')::jsonb AS body FROM audit.spine WHERE idx < $1) s GROUP BY 1`,
    [spineSize],
  )
  for (const { clinic, size } of heads) {
    const { rows } = await admin.query<{ log: number }>('SELECT log FROM audit.tree WHERE clinic_id = $1 AND log > 0', [clinic])
    const log = rows[0]?.log
    await admin.query('DELETE FROM audit.entry e USING audit.leaf l WHERE l.log = $1 AND l.idx >= $2 AND e.shard = l.shard AND e.id = l.entry_id', [log, size])
    await admin.query('DELETE FROM audit.leaf WHERE log = $1 AND idx >= $2', [log, size])
    await admin.query('DELETE FROM audit.checkpoint WHERE log = $1 AND size > $2', [log, size])
    await resize(admin, log ?? 0, size, 'SELECT leaf_hash FROM audit.leaf WHERE log = $1 ORDER BY idx')
  }
  await admin.query('DELETE FROM audit.search s WHERE NOT EXISTS (SELECT FROM audit.entry e WHERE e.id = s.entry_id)')
  await admin.query('DELETE FROM audit.spine WHERE idx >= $1', [spineSize])
  await admin.query('DELETE FROM audit.checkpoint WHERE log = 0 AND size > $1', [spineSize])
  await resize(admin, 0, spineSize, 'SELECT leaf_hash FROM audit.spine WHERE $1 = 0 ORDER BY idx')
}

async function resize(admin: pg.Client, log: number, size: string, leaves: string): Promise<void> {
  await admin.query('DELETE FROM audit.tile WHERE log = $1 AND level = 0 AND (idx + 1) * 256 > $2', [log, size])
  const tree = new Frontier()
  for (const { leaf_hash } of (await admin.query<{ leaf_hash: Buffer }>(leaves, [log])).rows) tree.append(leaf_hash)
  await admin.query('UPDATE audit.tree SET size = $2, published = $2, frontier = $3 WHERE log = $1', [log, size, tree.roots()])
}

describe('a restored older copy', () => {
  it('is told from a cut tail by its own counter of transactions', async () => {
    const [dataDir, copyDir] = [join(folder, 'server'), join(folder, 'copy')]
    const grower = async (server: TestServer, count: number) => grow(server, count, newId(), newId())
    let server = await startEmbedded({ dataDir })
    try {
      await bootstrapDatabase(server)
      await applyMigrations({ adminUrl: server.adminUrl, dir: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), backup: 'none' })
      await grower(server, 10)
      const own = await keyOf(server)
      await server.stop()
      // Owners and modes included, as a backup would.
      execFileSync('cp', ['-a', dataDir, copyDir])
      server = await startEmbedded({ dataDir })
      const later = await grower(server, 10)
      await server.stop()
      server = await startEmbedded({ dataDir: copyDir })
      const before = key
      key = own
      const { online, offline } = await verifyBoth(server, [later])
      key = before
      expect([online[0]?.code, offline[0]?.code]).toEqual(['older-copy', 'older-copy'])
    } finally {
      await server.stop()
    }
  })
})
