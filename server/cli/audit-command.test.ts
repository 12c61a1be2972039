import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { buildFullOrganisation, type FullOrganisation } from '../../test/full-world.ts'
import { type Harness, startHarness, TEST_MASTER_KEY } from '../../test/harness.ts'
import { publishTrail, TEST_SEED } from '../../test/world-compliance.ts'
import { main as runVerifier } from '../../verifier/chiron-verify.mjs'
import { indexStep } from '../audit/indexer.ts'
import { reconcile } from '../audit/sequencer/reconcile.ts'
import { withClient } from '../database/connection.ts'
import { findEntriesAbout } from './find-entries-about.ts'
import { runCli } from './run.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let harness: Harness
let org: FullOrganisation
let folder: string
let lines: string[]
let errors: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron audit '))
  await writeFile(join(folder, 'signing.key'), `${TEST_SEED.toString('base64')}\n`, { mode: 0o600 })
  harness = await startHarness()
  org = await buildFullOrganisation(harness, 'uno')
}, 60_000)
afterAll(async () => {
  await harness[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  lines = []
  errors = []
})

const place = (name: string) => join(folder, name)

function chiron(args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const { appUrl, auditorUrl, sequencerUrl } = harness.database
  return runCli(['audit', ...args], {
    root,
    output: { line: (text) => void lines.push(text), error: (text) => void errors.push(text) },
    env: {
      ...process.env,
      DATABASE_URL: appUrl,
      DATABASE_AUDITOR_URL: auditorUrl,
      DATABASE_SEQUENCER_URL: sequencerUrl,
      CHIRON_TOKEN_SECRET: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      CHIRON_MASTER_KEY: TEST_MASTER_KEY,
      CHIRON_AUDIT_KEY_FILE: place('signing.key'),
      CHIRON_ANCHOR_FILE: place('anchor.log'),
      ...env,
    },
  })
}

const firstIds = () => org.fixtures[0]?.ids ?? {}
const keyText = async () => {
  await chiron(['checkpoint'])
  return lines.join('\n').split('\n')[0] ?? ''
}

describe('chiron audit', () => {
  it('prints the verifier key and the newest checkpoint', async () => {
    expect(await chiron(['checkpoint'])).toBe(0)
    expect(lines.join('\n')).toMatch(/^chiron\/[0-9a-f-]{36}\/spine\+[0-9a-f]{8}\+\S+\n\nchiron\/[0-9a-f-]{36}\/spine\n\d+\n/)
  })

  it('exports a folder that verifies without this installation, and never over another one', async () => {
    const key = await keyText()
    expect([await chiron(['export', '--out', place('whole')]), errors]).toEqual([0, []])
    await writeFile(place('old.txt'), org.fixtures[0]?.checkpoint ?? '')
    expect(await runVerifier([place('whole'), '--key', key, '--checkpoint', place('old.txt'), '--json'])).toBe(0)
    expect(await chiron(['export', '--out', place('whole')])).toBe(1)
    expect(errors.join()).toContain('holds an export already')
    const month = new Date().toISOString().slice(0, 7)
    expect(await chiron(['export', '--out', place('part'), '--month', month, '--clinic', org.clinics[0]?.id ?? ''])).toBe(0)
    // A part says nothing about the rest, so it must be asked for.
    expect(await runVerifier([place('part'), '--key', key, '--json'])).toBe(3)
    expect(await runVerifier([place('part'), '--key', key, '--json', '--partial'])).toBe(0)
    expect(JSON.parse(await readFile(join(place('part'), 'manifest.json'), 'utf8'))).toMatchObject({ isWhole: false, key })
    for (const wrong of [
      ['--month', '2026-13'],
      ['--clinic', 'north'],
    ])
      expect(await chiron(['export', '--out', place('never'), ...wrong])).toBe(1)
  })

  it('verifies the database, and the export of another machine, in processes of their own', async () => {
    await publishTrail(harness.database)
    expect([await chiron(['verify']), errors]).toEqual([0, []])
    expect([await chiron(['verify', place('whole'), '--key', await keyText()]), errors]).toEqual([0, []])
    expect([await chiron(['verify', '--partial', place('part'), '--key', await keyText()]), errors]).toEqual([0, []])
    expect(await chiron(['verify', place('part')])).toBe(1)
    expect(errors.join()).toContain('only a part of the trail')
    expect(await chiron(['verify', place('nowhere')])).toBe(1)
    expect(errors.join()).toContain('could not run')
    // An anchor that knows a longer log than this database has.
    const { checkpoint = '' } = org.fixtures[0] ?? {}
    await writeFile(place('anchor.log'), `${checkpoint.replace(/\n\d+\n/, '\n999999\n')}====\n`)
    expect(await chiron(['verify'])).toBe(1)
    expect(errors.join()).toContain('was tampered with')
    await rm(place('anchor.log'))
  }, 60_000)

  it.each<[string, () => string[]]>([
    ['an entry', () => ['--entry', firstIds().AuditEntry ?? '']],
    ['a record', () => ['--record', firstIds().Invoice ?? '']],
    ['a patient', () => ['--patient', firstIds().Patient ?? '']],
    ['a person', () => ['--user', org.userId('owner')]],
    ["a clinic's month", () => ['--month', new Date().toISOString().slice(0, 7), '--clinic', org.clinics[0]?.id ?? '']],
    ['growth', () => ['--since', place('old.txt')]],
  ])('proves %s to the independent verifier', async (_what, args) => {
    // Something new, so that the log has grown.
    await harness.signIn(org.email('owner'))
    await publishTrail(harness.database)
    const key = await keyText()
    expect([await chiron(['prove', '--out', place('proof.json'), ...args()]), errors]).toEqual([0, []])
    expect(await runVerifier(['proof', place('proof.json'), '--key', key, '--json'])).toBe(0)
    const text = await readFile(place('proof.json'), 'utf8')
    await writeFile(place('bad.json'), text.replace('"proof":["', '"proof":["AAAA'))
    expect(await runVerifier(['proof', place('bad.json'), '--key', key, '--json'])).toBe(1)
  })

  it('finds through the index what it finds without it', async () => {
    const about = { entry: null, record: null, subject: null, user: null }
    const wanted = [
      { ...about, record: firstIds().Invoice ?? '' },
      { ...about, subject: firstIds().Patient ?? '' },
      { ...about, user: org.userId('owner') },
    ]
    await withClient(harness.database.sequencerUrl, async (client) => {
      const db = {
        query: async <Row extends object>({ text, values }: { text: string; values: readonly unknown[] }) => (await client.query<Row>(text, [...values])).rows,
        reads: () => {},
        aggregates: () => {},
      }
      const findAll = async () => {
        const found: string[][] = []
        for (const one of wanted) found.push((await findEntriesAbout(db, one, 1)).sort())
        return found
      }
      await client.query('SELECT audit.rebuild_index()')
      const before = await findAll()
      expect(before.map((ids) => ids.length > 0)).toEqual([true, true, true])
      expect(new Set(before[1]).size).toBeGreaterThan(new Set(before[0]).size)
      for (let step = 0; step < 10; step += 1) await indexStep(client, 7)
      expect(await findAll()).toEqual(before)
      while (!(await indexStep(client, 7)).isCaughtUp);
      expect(await findAll()).toEqual(before)
      // Enough lists for a second page.
      const { rows } = await client.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM audit.posting p JOIN audit.vocabulary v USING (term) WHERE v.kind = 'user' AND v.value = $1",
        [org.userId('owner')],
      )
      expect(rows[0]?.n).toBeGreaterThan(1)
    })
  })

  it('says in one line what cannot be proved', async () => {
    const foreign = (org.fixtures[0]?.checkpoint ?? '').replaceAll(/chiron\/[0-9a-f-]{36}/g, 'chiron/01900000-0000-7000-8000-000000000000')
    await writeFile(place('foreign.txt'), foreign)
    for (const [args, message] of [
      [['--user', '01900000-0000-7000-8000-000000000000'], 'No entry is about this'],
      [['--month', '1999-01'], 'no published log of 1999-01'],
      [['--since', place('foreign.txt')], 'another installation'],
      [['--entry', 'seven'], 'takes an id'],
    ] as const) {
      errors = []
      expect([await chiron(['prove', '--out', place('x.json'), ...args]), errors.join()]).toEqual([1, expect.stringContaining(message)])
    }
  })

  it('erases a subject, and verification passes as before', async () => {
    expect([await chiron(['erase', '--subject', firstIds().Patient ?? '', '--reason', 'the owner asked']), errors]).toEqual([0, []])
    expect(lines.join()).toMatch(/^Erased [1-9]\d* images/)
    await publishTrail(harness.database)
    // An erasure leaves a witness of its own, so that reconciliation finds nothing amiss.
    expect(await withClient(harness.database.sequencerUrl, (client) => reconcile(client))).toEqual({ findings: 0, isCaughtUp: true })
    expect([await chiron(['verify']), errors]).toEqual([0, []])
    expect(await chiron(['erase', '--subject', org.id, '--reason', 'x'])).toBe(1)
    expect(errors.join()).toContain('No client, patient, user, staff member or request for a booking has the id')
    expect(await chiron(['erase', '--subject', firstIds().Patient ?? '', '--reason', ' '])).toBe(1)
    expect(errors.join()).toContain('Cannot erase')
  }, 60_000)

  it('refuses to drop an open month, to begin an epoch for nothing, and to work without the login', async () => {
    expect(await chiron(['drop-month', new Date().toISOString().slice(0, 7), '--policy', 'none'])).toBe(1)
    expect(errors.join()).toContain('there is no closed month')
    expect(await chiron(['epoch', '--cites', place('old.txt')])).toBe(1)
    expect(errors.join()).toContain('no new epoch to begin')
    for (const command of [['checkpoint'], ['verify']]) {
      errors = []
      expect([await chiron(command, { DATABASE_SEQUENCER_URL: '' }), errors.join()]).toEqual([1, expect.stringContaining('DATABASE_SEQUENCER_URL is not set')])
    }
  })
})
