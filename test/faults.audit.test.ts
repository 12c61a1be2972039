import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { publish } from '../server/audit/sequencer/publish.ts'
import { bindSigner } from '../server/audit/sequencer/signing-key.ts'
import { isFullRun } from './effort.ts'
import { runAuditFaults } from './faults/audit.ts'
import { checkLog, type Line } from './faults/audit-checks.ts'
import { TEMPLATE } from './global-setup.ts'
import { cloneDatabase } from './postgres.ts'
import { integrateAll } from './world-compliance.ts'

const say = () => {}
const namesOf = (lines: readonly Line[]) => lines.map(({ label }) => label)
const countOf = (lines: readonly Line[], label: string) => lines.find((line) => line.label === label)?.count

describe('kill -9 under load', () => {
  it('loses nothing that was confirmed, releases nothing that is not durable, and leaves the log whole', async () => {
    const seed = Number.parseInt(randomBytes(3).toString('hex'), 16)
    const { lines, violations } = await runAuditFaults({ seed, kills: isFullRun ? 12 : 3, say })
    expect({ seed, violations }).toEqual({ seed, violations: [] })
    // Counting nothing would find nothing.
    for (const label of [
      'responses that left',
      'changes that were confirmed',
      'leaves',
      'checkpoints whose root was computed anew',
      'checkpoints in the anchor file',
    ])
      expect([label, countOf(lines, label)]).toEqual([label, expect.toSatisfy((count: number) => count > 0)])
  }, 300_000)

  it('finds an API that answers before its entries are durable, and a sequencer that follows ids', async () => {
    const { violations } = await runAuditFaults({ seed: 1, kills: 1, targets: ['api'], plants: ['early-release', 'cursor-by-id'], say })
    expect(namesOf(violations)).toEqual(
      expect.arrayContaining(['responses without a durable entry', 'entries below the cursor without a leaf', 'exit code of the verifier on an export']),
    )
  }, 120_000)
})

describe('the checks of the log', () => {
  const CLINIC = '01900000-0000-7000-8000-0000000000c1'
  const placeOf = (idx: number) => `idx = ${idx} AND log = (SELECT log FROM audit.tree WHERE clinic_id = '${CLINIC}')`
  const entryAt = (idx: number) => `(SELECT entry_id FROM audit.leaf WHERE ${placeOf(idx)})`
  const TAMPER: Readonly<Record<string, string>> = {
    'gaps between leaves': `DELETE FROM audit.leaf WHERE ${placeOf(3)}`,
    'entries with two leaves, places with two entries': `UPDATE audit.leaf SET entry_id = ${entryAt(2)} WHERE ${placeOf(3)}`,
    'entries below the cursor without a leaf': `UPDATE audit.leaf SET entry_id = gen_random_uuid() WHERE ${placeOf(3)}`,
    'leaves without their entry': `DELETE FROM audit.entry WHERE id = ${entryAt(3)}`,
    'checkpoints with another root': `UPDATE audit.entry SET body = body || ' ' WHERE id = ${entryAt(3)}`,
  }

  it('each find what they are for', async () => {
    const database = await cloneDatabase(TEMPLATE)
    const open = async (connectionString: string) => {
      const client = new pg.Client({ connectionString })
      await client.connect()
      return client
    }
    const [admin, app, client] = await Promise.all([open(database.adminUrl), open(database.appUrl), open(database.sequencerUrl)])
    try {
      await app.query("INSERT INTO audit.entry (organisation_id, clinic_id, body) SELECT $1, $1, convert_to('{}', 'UTF8') FROM generate_series(1, 9)", [CLINIC])
      await integrateAll(client)
      await publish(client, await bindSigner(client, randomBytes(32)))
      const find = async () => (await checkLog(admin)).filter((line) => line.mustBeZero && line.count !== 0)
      expect(await find()).toEqual([])
      for (const [label, statement] of Object.entries(TAMPER)) {
        await admin.query(
          `BEGIN; SET LOCAL session_replication_role = replica; ALTER TABLE audit.leaf DROP CONSTRAINT IF EXISTS leaf_shard_entry_id_key CASCADE; ${statement}`,
        )
        expect(namesOf(await find())).toContain(label)
        await admin.query('ROLLBACK')
      }
    } finally {
      await Promise.all([admin.end(), app.end(), client.end()])
      await database.drop()
    }
  })
})
