import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { bindSigner } from '../../server/audit/sequencer/signing-key.ts'
import { createVerificationTask } from '../../server/audit/sequencer/verification-task.ts'
import { verifyProof } from '../../verifier/chiron-verify.mjs'
import { buildFullOrganisation, type FullOrganisation } from '../full-world.ts'
import { type Harness, startHarness } from '../harness.ts'
import { type Caller, callers, paramsOf } from '../operations.ts'
import { publishTrail, TEST_SEED } from '../world-compliance.ts'

let harness: Harness
let org: FullOrganisation
let officer: Caller
let receptionist: Caller
let client: pg.Client
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-audit-log-'))
  harness = await startHarness()
  org = await buildFullOrganisation(harness, 'uno')
  const as = callers(harness)
  ;[officer, receptionist] = [await as(org, 'compliance_officer'), await as(org, 'receptionist')]
  client = new pg.Client({ connectionString: harness.database.sequencerUrl })
  await client.connect()
}, 60_000)
afterAll(async () => {
  await client.end()
  await harness[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const ask = async (as: Caller, document: string, variables: object = {}) => {
  const { body } = await as(document, variables)
  expect(body.errors ?? null).toBeNull()
  return body.data
}
const STATUS = `query Status { auditLogStatus { installationId verifierKey lagSeconds spine { size checkpoint at } months { month size published closedAt droppedAt }
  anchors { kind target size anchoredAt triedAt error } findings { id at source kind entryId detail } } }`
const keyOf = async (): Promise<string> => (await ask(officer, STATUS)).auditLogStatus.verifierKey

describe('the status of the log', () => {
  it('tells sizes, lag, key and the newest checkpoint', async () => {
    const { auditLogStatus: status } = await ask(officer, STATUS)
    expect(status.spine.checkpoint).toContain(`chiron/${status.installationId}/spine\n${status.spine.size}\n`)
    expect(status.verifierKey).toMatch(new RegExp(`^chiron/${status.installationId}/spine\\+[0-9a-f]{8}\\+`))
    expect(status.months).toEqual([
      { month: expect.stringMatching(/^\d{4}-\d\d$/), size: expect.any(Number), published: expect.any(Number), closedAt: null, droppedAt: null },
    ])
    expect(status.months[0].size).toBeGreaterThan(20)
    expect([status.anchors, status.findings]).toEqual([[], []])
  })

  it('is for those who may see the trail', async () => {
    for (const document of [STATUS, 'query V { auditVerifications { id } }', `query P { auditProof(entryIds: []) { bundle } }`]) {
      const { body } = await receptionist(document)
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    }
  })
})

describe('proofs', () => {
  const PROOF = 'query Proof($ids: [UUID!], $filter: AuditFilter) { auditProof(entryIds: $ids, filter: $filter) { bundle proven pending isPartial } }'

  it('of a record, a patient, a person and a month hold with the independent verifier', async () => {
    const ids = org.fixtures[0]?.ids ?? {}
    const today = new Date().toISOString().slice(0, 10)
    for (const filter of [
      { recordId: ids.Invoice },
      { subjectId: ids.Patient },
      { userId: org.userId('compliance_officer') },
      { from: `${today.slice(0, 7)}-01` },
    ]) {
      await publishTrail(harness.database)
      const { auditProof: proof } = await ask(officer, PROOF, { filter })
      expect(proof.proven).toBeGreaterThan(0)
      expect(verifyProof(JSON.parse(proof.bundle), await keyOf())).toMatchObject({ ok: true, findings: [] })
    }
  })

  it('do not hold when a byte of an entry is another', async () => {
    const { auditProof: proof } = await ask(officer, PROOF, { ids: [org.fixtures[0]?.ids.AuditEntry] })
    const bundle = JSON.parse(proof.bundle)
    bundle.entries[0].body = bundle.entries[0].body.replace('"at":"2', '"at":"3')
    expect(verifyProof(bundle, await keyOf()).ok).toBe(false)
  })

  it('of a transaction with thousands of rows are partial, with the named entry first', async () => {
    const { actor } = org.clinics[0] ?? {}
    if (!actor) throw new Error('no clinic')
    await harness.app.asSystem(actor, 'cli', 'import of clients', async (tx) => {
      const clients = Array.from({ length: 2_100 }, (_, index) => ({ id: newId(), organisationId: org.id, name: `Client ${index}` }))
      await tx.prisma.client.createMany({ data: clients })
      tx.changes(
        'Client',
        clients.map(({ id }) => id),
        ['name'],
      )
      return null
    })
    // The import is told in parts.
    const { rows } = await client.query<{ id: string }>("SELECT entry_id AS id FROM audit.search WHERE operation = 'import of clients'")
    const ids = rows.map(({ id }) => id)
    await publishTrail(harness.database)
    const { auditProof: proof } = await ask(officer, PROOF, { ids })
    expect(proof).toMatchObject({ proven: 2_000, pending: 0, isPartial: true })
    const bundle = JSON.parse(proof.bundle)
    const firsts = bundle.entries.slice(0, ids.length).map(({ entry }: { entry: string }) => entry)
    expect([ids.length > 1, firsts.sort()]).toEqual([true, ids.sort()])
    expect(verifyProof(bundle, await keyOf())).toMatchObject({ ok: true })
    expect((await ask(officer, PROOF, { ids: [org.fixtures[0]?.ids.AuditEntry] })).auditProof).toMatchObject({ isPartial: false })
  })

  it('leave out entries beyond reach, and say how many wait for a checkpoint', async () => {
    const other = org.fixtures[1]?.ids.AuditEntry
    expect((await ask(officer, PROOF, { ids: [other] })).auditProof).toMatchObject({ proven: 0, pending: 1 })
    const { body } = await officer(PROOF, { ids: Array(501).fill(other) })
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  it('show that the log has only grown since an old checkpoint, and refuse a text that is none', async () => {
    const GROWN = 'query Grown($checkpoint: String!) { auditConsistency(checkpoint: $checkpoint) }'
    const old = org.fixtures[0]?.checkpoint ?? ''
    await publishTrail(harness.database)
    const { auditConsistency: bundle } = await ask(officer, GROWN, { checkpoint: old })
    expect(verifyProof(JSON.parse(bundle), await keyOf())).toMatchObject({ ok: true, proofs: 1 })
    // One of another installation, and one of a log that was longer.
    const foreign = old.replaceAll(/chiron\/[0-9a-f-]{36}/g, 'chiron/01900000-0000-7000-8000-000000000000')
    const longer = old.replace(/\n\d+\n/, '\n999999\n')
    for (const checkpoint of [foreign, longer]) expect((await ask(officer, GROWN, { checkpoint })).auditConsistency).toBeNull()
    for (const checkpoint of ['', 'hello', `${old}x`]) expect((await officer(GROWN, { checkpoint })).body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

describe('the witness in every browser', () => {
  const WITNESS = `query Witness($size: Float, $clinicOrigin: String, $clinicSize: Float) { auditWitness(size: $size, clinicOrigin: $clinicOrigin, clinicSize: $clinicSize) {
    verifierKey checkpoint consistency clinicCheckpoint clinicConsistency head { index body proof } } }`

  it('gets proofs whoever uses it, and they hold', async () => {
    const { auditWitness: first } = await ask(receptionist, WITNESS)
    const [, size] = first.checkpoint.split('\n')
    const [clinicOrigin, clinicSize] = first.clinicCheckpoint.split('\n')
    await publishTrail(harness.database)
    const { auditWitness: second } = await ask(receptionist, WITNESS, { size: Number(size), clinicOrigin, clinicSize: Number(clinicSize) })
    const bundle = {
      v: 1,
      spine: { checkpoint: second.checkpoint },
      logs: [{ origin: clinicOrigin, checkpoint: second.clinicCheckpoint, head: second.head }],
      consistency: [
        { origin: second.checkpoint.split('\n')[0], old: first.checkpoint, new: second.checkpoint, proof: second.consistency },
        { origin: clinicOrigin, old: first.clinicCheckpoint, new: second.clinicCheckpoint, proof: second.clinicConsistency },
      ],
    }
    expect(verifyProof(bundle, second.verifierKey)).toMatchObject({ ok: true, proofs: 3 })
    const { body } = await receptionist(WITNESS, { size: -1 })
    expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })

  const REPORT = `mutation Report($input: AuditMismatchInput!) { reportAuditMismatch(input: $input) {
      __typename ... on AuditMismatchReported { reported } ... on Error { code params { name value } } } }`

  it('reports a mismatch, which the officer sees with both checkpoints', async () => {
    const served: string = (await ask(officer, STATUS)).auditLogStatus.spine.checkpoint
    const input = { known: served.replace(/\n\d+\n/, '\n999999\n'), served, problem: 'shrunk' }
    const send = async (more: object) => (await ask(receptionist, REPORT, { input: { ...input, ...more } })).reportAuditMismatch
    const reported = { __typename: 'AuditMismatchReported', reported: true }
    const findings = async () => (await ask(officer, STATUS)).auditLogStatus.findings
    expect(await send({})).toEqual(reported)
    expect(await findings()).toMatchObject([{ source: 'browser', kind: 'shrunk' }])
    expect(JSON.parse((await findings())[0].detail)).toEqual({ known: input.known, served })
    // A server that has nothing, and a browser that knows nothing, have no note to show.
    expect(await send({ problem: 'bad-signature', known: '' })).toEqual(reported)
    for (const [more, path] of [
      [{ problem: 'a feeling' }, 'problem'],
      [{ known: 'the one that I kept' }, 'known'],
      [{ served: `${served}x` }, 'served'],
      [{ served: `hello\n${served.slice(served.indexOf('\n\n') + 1)}` }, 'served'],
    ] as const) {
      const refused = await send(more)
      expect([refused.code, paramsOf(refused)]).toEqual(['INVALID_INPUT', { path, rule: expect.any(String) }])
    }
  })

  it('keeps one report of a problem in an hour at a clinic, and hides no other finding behind them', async () => {
    const kept = async () => {
      const { rows } = await admin.query<{ kind: string; n: number }>(
        "SELECT kind, max(n)::int AS n FROM (SELECT kind, count(*) AS n FROM audit.finding WHERE source = 'browser' GROUP BY kind, date_trunc('hour', at)) f GROUP BY kind ORDER BY kind",
      )
      return rows
    }
    const admin = new pg.Client({ connectionString: harness.database.adminUrl })
    await admin.connect()
    try {
      for (let index = 0; index < 3; index += 1)
        for (const problem of ['inconsistent', 'other-key'])
          expect((await ask(receptionist, REPORT, { input: { known: '', served: '', problem } })).reportAuditMismatch).toMatchObject({ reported: true })
      expect(await kept()).toEqual(expect.arrayContaining(['inconsistent', 'other-key'].map((kind) => ({ kind, n: 1 }))))
      const place = [org.id, org.clinics[0]?.id]
      await admin.query(
        "INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, at) VALUES ($1, $2, 'reconciliation', 'row-without-entry', now() - interval '9 days')",
        place,
      )
      await admin.query(
        "INSERT INTO audit.finding (organisation_id, clinic_id, source, kind, at) SELECT $1, $2, 'browser', 'inconsistent', now() - n * interval '2 hours' FROM generate_series(1, 60) AS n",
        place,
      )
      const { findings } = (await ask(officer, STATUS)).auditLogStatus
      const countOf = (source: string) => findings.filter((finding: { source: string }) => finding.source === source).length
      expect([countOf('browser'), countOf('reconciliation')]).toEqual([50, 1])
    } finally {
      await admin.end()
    }
  })
})

describe('a verification that somebody asks for', () => {
  const REQUEST = 'mutation Verify { requestAuditVerification { __typename ... on AuditVerification { id state } ... on Error { code } } }'
  const LIST =
    'query Verifications { auditVerifications(first: 1) { id state checked total startedAt finishedAt elsewhere findings { code log index entryId message } } }'

  it('is taken up by the process that holds the log, and passes', async () => {
    await publishTrail(harness.database)
    const { requestAuditVerification: asked } = await ask(officer, REQUEST)
    expect(asked).toMatchObject({ __typename: 'AuditVerification', state: 'waiting' })
    expect(await runTask(asked.id)).toMatchObject({
      id: asked.id,
      state: 'passed',
      findings: [],
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    })
  })

  it('fails when the trail was tampered with, and names the first bad entry', async () => {
    const entry = org.fixtures[0]?.ids.AuditEntry
    const admin = new pg.Client({ connectionString: harness.database.adminUrl })
    await admin.connect()
    await admin.query('SET session_replication_role = replica')
    const { rows } = await admin.query<{ body: Buffer }>('SELECT body FROM audit.entry WHERE id = $1', [entry])
    await admin.query(
      `UPDATE audit.entry SET body = convert_to(replace(convert_from(body, 'UTF8'), '"outcome":"ok"', '"outcome":"no"'), 'UTF8') WHERE id = $1`,
      [entry],
    )
    const { requestAuditVerification: asked } = await ask(officer, REQUEST)
    const done = await runTask(asked.id)
    await admin.query('UPDATE audit.entry SET body = $2 WHERE id = $1', [entry, rows[0]?.body])
    await admin.end()
    expect(done).toMatchObject({ state: 'failed', findings: [{ code: 'body-edited', entryId: entry, message: expect.any(String) }] })
    expect(done.checked).toBeGreaterThan(0)
  }, 90_000)

  it('tells of other clinics neither entries nor records', async () => {
    const { requestAuditVerification: asked } = await ask(officer, REQUEST)
    const own = { code: 'body-edited', log: `chiron/x/${org.clinics[0]?.id}/2026-01`, index: 3, entry: newId(), message: 'An entry was edited.' }
    const lost = (code: string) => ({ code, log: null, type: 'Patient', record: newId(), entry: newId(), index: 1, message: `Of ${code}.` })
    const findings = [
      lost('missing-row'),
      { ...own, log: `chiron/x/${newId()}/2026-01` },
      own,
      lost('unwitnessed-row'),
      lost('missing-row'),
      { ...own, log: 'chiron/x/spine', code: 'tail-cut' },
    ]
    await client.query("UPDATE audit.verification SET state = 'failed', finished_at = now(), result = $2 WHERE id = $1", [
      asked.id,
      JSON.stringify({ ok: false, findings }),
    ])
    const [told] = (await ask(officer, LIST)).auditVerifications
    const { entry: entryId, ...mine } = own
    expect(told).toMatchObject({ id: asked.id, elsewhere: 1 })
    expect(told.findings).toEqual([
      { ...mine, entryId },
      { ...mine, entryId, log: 'chiron/x/spine', code: 'tail-cut' },
      { code: 'missing-row', log: null, index: null, entryId: null, message: 'Of missing-row.' },
      { code: 'unwitnessed-row', log: null, index: null, entryId: null, message: 'Of unwitnessed-row.' },
    ])
  })

  /** The leader's task, until this verification is over. */
  async function runTask(id: string) {
    const task = createVerificationTask(harness.database.sequencerUrl, join(folder, 'none.log'))
    const context = { client, signer: await bindSigner(client, TEST_SEED), log: pino({ level: 'silent' }), published: null }
    for (let round = 0; round < 600; round += 1) {
      await task.run(context)
      const [newest] = (await ask(officer, LIST)).auditVerifications
      if (newest.id === id && !['waiting', 'running'].includes(newest.state)) return newest
      await sleep(100)
    }
    throw new Error('the verification does not end')
  }
})

describe('what an inspector takes along', () => {
  it('is open to everybody: the verifier itself, and the newest checkpoints', async () => {
    const program = await fetch(`${harness.url}/audit/chiron-verify.mjs`)
    expect([program.status, program.headers.get('content-disposition')]).toEqual([200, 'attachment; filename="chiron-verify.mjs"'])
    expect(await program.text()).toBe(await readFile(new URL('../../verifier/chiron-verify.mjs', import.meta.url), 'utf8'))
    const checkpoints = await (await fetch(`${harness.url}/audit/checkpoints.txt`)).text()
    const notes = checkpoints.split('====\n').filter(Boolean)
    expect(notes.length).toBeGreaterThan(1)
    expect(notes).toContain((await ask(officer, STATUS)).auditLogStatus.spine.checkpoint)
    expect((await fetch(`${harness.url}/audit/signing.key`)).status).toBe(404)
  })
})
