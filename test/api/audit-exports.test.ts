import { createHash } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assignRole, createUser } from '../../modules/access/index.ts'
import { hashPassword } from '../../server/auth/passwords.ts'
import { withClient } from '../../server/database/connection.ts'
import { exportJobs } from '../../server/jobs/audit-export.ts'
import { ExportFiles } from '../../server/jobs/export-files.ts'
import { startJobs } from '../../server/jobs/runner.ts'
import { type Harness, startHarness, TEST_PASSWORD } from '../harness.ts'
import { readPdfText } from '../pdf-text.ts'
import { entriesOf, readEntries } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addPatient } from '../world-patients.ts'

const FIELDS =
  'id format status reason requestedById requestedByName rowsDone progress rowCount fileName sizeBytes sha256 errorCode createdAt finishedAt expiresAt filter { name value }'
const REQUEST = `mutation Export($input: RequestAuditExportInput!) { requestAuditExport(input: $input) {
  __typename ... on AuditExport { ${FIELDS} } ... on Error { code params { name value } } } }`
const ONE = `query OneExport($id: UUID!) { auditExport(id: $id) { ${FIELDS} } }`
const LIST = `query Exports($first: Int, $after: String) { auditExports(first: $first, after: $after) { edges { node { id status } } pageInfo { hasNextPage endCursor } } }`
const TICKET = `mutation Ticket($id: UUID!) { issueExportTicket(id: $id) { __typename ... on ExportTicket { url expiresAt } ... on Error { code } } }`
const ENTRIES = 'query Entries($filter: AuditFilter) { auditEntries(filter: $filter, first: 100) { edges { node { id } } } }'
const PATIENT = 'query OnePatient($id: UUID!) { patient(id: $id) { id } }'

const NASTY_NAME = '=1+1, "Zoë"'
const NASTY_REASON = 'Inspection, "yearly"\n@SUM(A1)'

let now = new Date()
let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let dataDir: string
let nasty: { token: string; userId: string }
let officer: string
let patientId: string

const token = async (of: WorldOrganisation, role: Parameters<WorldOrganisation['email']>[0], clinic = 0) => (await harness.signIn(of.email(role, clinic))).token
const place = () => {
  const [clinic] = org.clinics
  if (!clinic) throw new Error('no clinic')
  return clinic
}
const folder = () => join(dataDir, 'exports')
const admin = <T>(work: Parameters<typeof withClient<T>>[1]) => withClient(harness.database.adminUrl, work)
const work = () =>
  startJobs(
    harness.app.database,
    exportJobs({ database: harness.app.database, clock: harness.app.clock, files: new ExportFiles(dataDir) }),
    pino({ level: process.env.TEST_LOG ?? 'silent' }),
    { pollingSeconds: 0.5 },
  )

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'chiron-exports-'))
  harness = await startHarness({ clock: { now: () => now }, config: { dataDir } })
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta', [{}])
  patientId = (await addPatient(harness.app, place().actor)).id
  const passwordHash = await hashPassword(TEST_PASSWORD, { memory: 64, passes: 1, parallelism: 1, tagLength: 32 })
  const userId = await harness.app.asSystem(place().actor, 'cli', 'world', async (tx) => {
    const user = await createUser(tx, place().actor, { email: 'nasty@alfa.example', name: NASTY_NAME, locale: 'en', passwordHash })
    await assignRole(tx, place().actor, { userId: user.id, roleCode: 'compliance_officer', clinicId: place().id })
    return user.id
  })
  nasty = { token: (await harness.signIn('nasty@alfa.example')).token, userId }
  officer = await token(org, 'compliance_officer')
  const vet = await token(org, 'veterinarian')
  for (let round = 0; round < 3; round += 1) await harness.call(PATIENT, { id: patientId }, { token: vet })
})
afterAll(async () => {
  await harness[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

async function request(input: object, as = nasty.token) {
  const { body, headers } = await harness.call(REQUEST, { input: { reason: NASTY_REASON, ...input } }, { token: as })
  expect(body.errors).toBeUndefined()
  expect(body.data.requestAuditExport.__typename).toBe('AuditExport')
  return { ...body.data.requestAuditExport, requestId: headers.get('x-request-id') }
}
const look = async (id: string, as = nasty.token) => (await harness.call(ONE, { id }, { token: as })).body.data.auditExport
async function finished(id: string, as = nasty.token) {
  for (let round = 0; round < 200; round += 1) {
    const found = await look(id, as)
    if (!['waiting', 'running'].includes(found.status)) return found
    await sleep(150)
  }
  throw new Error('the export does not end')
}
async function ticket(id: string, as = nasty.token): Promise<string> {
  const { body } = await harness.call(TICKET, { id }, { token: as })
  expect(body.data.issueExportTicket).toMatchObject({ __typename: 'ExportTicket' })
  return body.data.issueExportTicket.url
}
const download = (path: string) => fetch(`${harness.url}${path}`)
async function make(input: object, as = nasty.token) {
  const { id, requestId } = await request(input, as)
  await using _jobs = await work()
  const done = await finished(id, as)
  expect(done).toMatchObject({ status: 'ready', errorCode: null })
  const response = await download(await ticket(id, as))
  expect(response.status).toBe(200)
  return { done, requestId, response, bytes: new Uint8Array(await response.arrayBuffer()) }
}
const entryIds = async (filter: object): Promise<string[]> =>
  (await harness.call(ENTRIES, { filter }, { token: officer })).body.data.auditEntries.edges.map(({ node }: { node: { id: string } }) => node.id)

/** RFC 4180, strictly: quoted fields may hold anything, others neither quotes nor line ends. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let rest = text
  while (rest !== '') {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest)
    if (!match) throw new Error(`no CSV: ${rest.slice(0, 80)}`)
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '')
    if (match[3] === '\r\n') {
      rows.push(row)
      row = []
    }
    rest = rest.slice(match[0].length)
  }
  return rows
}

describe('CSV', () => {
  it('holds every entry that the filter finds, newest first, in RFC 4180 with a byte order mark', async () => {
    const filter = { type: 'Patient' }
    const { done, bytes, response } = await make({ format: 'csv', filter })
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    const [header = [], ...rows] = parseCsv(new TextDecoder().decode(bytes))
    expect(header).toEqual(
      'timestamp user user_id roles action operation models object_ids object_labels changes reads address user_agent session request reason outcome detail origin entry_id'.split(
        ' ',
      ),
    )
    const cells = rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index]])))
    expect(rows.every(({ length }) => length === header.length)).toBe(true)
    expect(cells.map(({ entry_id }) => entry_id)).toEqual(await entryIds(filter))
    expect(cells[0]).toMatchObject({
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-06:00$/),
      user: 'veterinarian 1',
      user_id: org.userId('veterinarian'),
      roles: 'veterinarian',
      action: 'read',
      operation: 'OnePatient',
      models: 'Patient',
      object_ids: patientId,
      reads: expect.stringMatching(new RegExp(`^Patient \\([\\w, ]+\\): ${patientId}$`)),
      address: expect.stringMatching(/127\.0\.0\.1/),
      user_agent: 'node',
      outcome: 'ok',
      origin: 'web',
    })
    expect(done).toMatchObject({
      rowCount: cells.length,
      rowsDone: cells.length,
      progress: 1,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="${done.fileName}"`)
    expect(done.fileName).toMatch(/^audit-export-\d{4}-\d\d-\d\d-\d\d-\d\d\.csv$/)
  })

  it('keeps commas, quotes and line ends, and runs no formula', async () => {
    await request({ format: 'csv', filter: {} })
    const { bytes } = await make({ format: 'csv', filter: { userId: nasty.userId, action: 'export' } })
    const [header = [], ...rows] = parseCsv(new TextDecoder().decode(bytes))
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) expect(row[header.indexOf('user')]).toBe(`'${NASTY_NAME}`)
    expect(rows.map((row) => row[header.indexOf('reason')])).toContain(NASTY_REASON)
    for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+@\t\r]/)
  })

  it('leaves out what happened after it was asked for', async () => {
    const { id } = await request({ format: 'csv', filter: { type: 'Patient' } })
    const before = await entryIds({ type: 'Patient' })
    await harness.call(PATIENT, { id: patientId }, { token: await token(org, 'veterinarian') })
    expect(await entryIds({ type: 'Patient' })).toHaveLength(before.length + 1)
    await using _jobs = await work()
    expect((await finished(id)).rowCount).toBe(before.length)
  })

  it('pages through a long trail', async () => {
    await admin((client) =>
      client.query(
        `INSERT INTO audit.search (entry_id, organisation_id, clinic_id, at, action, operation, origin, outcome, class, types, record_ids, request_id, session_id)
         SELECT uuidv7(), $1, $2, now() - interval '1 second' * (i / 7), 'read', 'planted', 'job', 'ok', '{}', '{}', '{}', uuidv7(), $3 FROM generate_series(1, 1203) AS i`,
        [org.id, place().id, patientId],
      ),
    )
    const { done, bytes } = await make({ format: 'csv', filter: { sessionId: patientId } })
    const ids = parseCsv(new TextDecoder().decode(bytes))
      .slice(1)
      .map((row) => row.at(-1))
    expect([done.rowCount, ids.length, new Set(ids).size]).toEqual([1203, 1203, 1203])
  })
})

describe('JSON Lines', () => {
  it('hold one entry a line, with the very text whose hash is in the log', async () => {
    const filter = { type: 'Patient', userId: org.userId('veterinarian') }
    const { bytes, response } = await make({ format: 'jsonl', filter })
    const lines = new TextDecoder().decode(bytes).split('\n')
    expect(lines.pop()).toBe('')
    const entries = lines.map((line) => JSON.parse(line))
    expect(entries.map(({ entry }) => entry)).toEqual(await entryIds(filter))
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8')
    const leaves = await admin((client) =>
      client.query<{ id: string; hash: string }>("SELECT id, encode(leaf_hash, 'hex') AS hash FROM audit.entry WHERE id = ANY ($1)", [
        entries.map(({ entry }) => entry),
      ]),
    )
    const hashes = Object.fromEntries(leaves.rows.map(({ id, hash }) => [id, hash]))
    for (const { entry, body } of entries) expect(createHash('sha256').update('\0').update(body).digest('hex')).toBe(hashes[entry])
    expect(entries[0]).toMatchObject({
      user: 'veterinarian 1',
      roles: ['veterinarian'],
      types: ['Patient'],
      reads: [{ type: 'Patient', ids: [patientId] }],
      changes: [],
      outcome: 'ok',
    })
  })
})

describe('names of records', () => {
  it('are in the file as far as whoever asked may read the records', async () => {
    const filter = { recordId: patientId, userId: org.userId('veterinarian') }
    const name = (await admin((client) => client.query<{ name: string }>('SELECT name FROM patient WHERE id = $1', [patientId]))).rows[0]?.name ?? ''
    expect(name).not.toBe('')
    const labels = async (as: string) =>
      new TextDecoder()
        .decode((await make({ format: 'jsonl', filter }, as)).bytes)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).labels)
    const seen = await labels(await token(org, 'owner'))
    expect(seen.length).toBeGreaterThan(2)
    for (const one of seen) expect(one).toEqual({ [patientId]: name })
    for (const one of await labels(officer)) expect(one).toEqual({})
    const cells = parseCsv(new TextDecoder().decode((await make({ format: 'csv', filter }, await token(org, 'owner'))).bytes))
    expect(cells[1]?.[cells[0]?.indexOf('object_labels') ?? -1]).toBe(name)
  })
})

describe('PDF', () => {
  const checkpoint = 'chiron/test/spine\n7\nq83vq83vq83vq83vq83vq83vq83vq83vq83vq83vq80=\n\n— chiron/test/spine AAAA\n'

  it('has totals that equal the rows, the filter in words and the newest checkpoint', async () => {
    await admin((client) => client.query('INSERT INTO audit.checkpoint (log, size, note) VALUES (0, 6, $1), (0, 7, $2)', ['an older one', checkpoint]))
    const filter = { type: 'Patient' }
    const { bytes, done, response } = await make({ format: 'pdf', filter })
    expect(response.headers.get('content-type')).toBe('application/pdf')
    const text = readPdfText(bytes)
    const ids = await entryIds(filter)
    expect(done.rowCount).toBe(ids.length)
    for (const part of [
      'Audit trail report',
      'alfa 1 (America/Mexico_City)',
      NASTY_NAME,
      'type: Patient',
      `${ids.length} entries`,
      'Page 1 of 2',
      'Page 2 of 2',
    ])
      expect(text).toContain(part)
    for (const line of checkpoint.split('\n').filter((part) => part !== '')) expect(text).toContain(line)
    expect(text).not.toContain('an older one')
    expect(text).toContain('chiron audit verify')
    for (const id of ids) expect(text).toContain(id)
    const sum = (heading: string, next: string) =>
      [...text.slice(text.indexOf(heading), text.indexOf(next)).matchAll(/: (\d+)$/gm)].reduce((total, [, count]) => total + Number(count), 0)
    expect(sum('By action', 'By outcome')).toBe(ids.length)
    expect(sum('By outcome', 'By person')).toBe(ids.length)
    expect(sum('By person', 'By record type')).toBe(ids.length)
    expect(text).toMatch(new RegExp(`^Patient: ${ids.length}$`, 'm'))
  })

  it('speaks the language of whoever asked, and says when nothing was found', async () => {
    const { bytes, done } = await make({ format: 'pdf', filter: { userId: org.userId('groomer') } }, officer)
    expect(done.rowCount).toBe(0)
    const text = readPdfText(bytes)
    for (const part of [
      'Informe de la bitácora de auditoría',
      'Clínica',
      'Ningún registro cumple el filtro.',
      'Página 1 de 1',
      `persona: ${org.userId('groomer')}`,
    ])
      expect(text).toContain(part)
  })
})

describe('the trail of an export', () => {
  it('has the request, what the job took out for whom, and the download', async () => {
    const { done, requestId, response } = await make({ format: 'jsonl', filter: { type: 'Patient', query: 'OnePatient' } })
    const ids = await entryIds({ type: 'Patient', query: 'OnePatient' })
    await admin(async (client) => {
      const [asked] = await entriesOf(client, requestId)
      expect(asked?.body).toMatchObject({
        action: 'export',
        operation: { name: 'Export/requestAuditExport' },
        actor: { user: nasty.userId },
        changes: [{ type: 'AuditExport', ids: [done.id] }],
        aggregates: [{ name: 'audit_export', params: { format: 'jsonl', type: 'Patient', query: 'given' } }],
      })
      expect(JSON.stringify(asked?.body)).not.toContain('yearly')
      const made = (await readEntries(client)).find(({ body }) => body.origin === 'job' && body.action === 'export' && body.changes?.[0]?.ids[0] === done.id)
      expect(made?.body).toMatchObject({
        operation: { name: 'audit-export' },
        actor: { kind: 'system', name: 'audit-export' },
        aggregates: [
          {
            name: 'audit_export',
            params: {
              export: done.id,
              format: 'jsonl',
              onBehalfOf: nasty.userId,
              rows: String(ids.length),
              first: ids[0],
              last: ids.at(-1),
              sha256: done.sha256,
              type: 'Patient',
              query: 'given',
            },
          },
        ],
      })
      const [sent] = await entriesOf(client, response.headers.get('x-request-id'))
      expect(sent?.body).toMatchObject({
        action: 'export',
        origin: 'file',
        outcome: 'ok',
        operation: { name: 'exports.download' },
        actor: { user: nasty.userId },
        reads: [{ type: 'AuditExport', ids: [done.id] }],
      })
      expect(sent?.search).toMatchObject({ types: ['AuditExport'], class: ['compliance'] })
    })
  })
})

describe('who may export', () => {
  it('is the compliance officer and the owner', async () => {
    for (const role of ['compliance_officer', 'owner'] as const)
      expect(await request({ format: 'csv' }, await token(org, role))).toMatchObject({ status: 'waiting', rowCount: null })
  })

  it.each(['receptionist', 'veterinarian', 'manager', 'clinic_admin'] as const)('is not the role %s', async (role) => {
    const as = await token(org, role)
    const { id } = await request({ format: 'csv' })
    for (const [document, variables] of [
      [REQUEST, { input: { format: 'csv', reason: 'curious' } }],
      [ONE, { id }],
      [LIST, {}],
      [TICKET, { id }],
    ] as const) {
      const { body } = await harness.call(document, variables, { token: as })
      expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'audit-log:export' })
    }
  })

  it('needs a known format and a reason', async () => {
    for (const input of [
      { format: 'xlsx', reason: 'inspection' },
      { format: 'csv', reason: '  ' },
    ])
      expect((await harness.call(REQUEST, { input }, { token: officer })).body.data.requestAuditExport).toMatchObject({ __typename: 'InvalidInput' })
  })

  it('sees the exports of the own clinic, newest first, page by page', async () => {
    const { id } = await request({ format: 'csv' })
    const page = (await harness.call(LIST, { first: 2 }, { token: officer })).body.data.auditExports
    expect(page.edges).toHaveLength(2)
    expect(page.edges[0].node.id).toBe(id)
    const next = (await harness.call(LIST, { first: 2, after: page.pageInfo.endCursor }, { token: officer })).body.data.auditExports
    expect(next.edges.map(({ node }: { node: { id: string } }) => node.id)).not.toContain(id)
    for (const other of [await token(org, 'compliance_officer', 1), await token(foreign, 'compliance_officer')]) {
      expect((await harness.call(LIST, {}, { token: other })).body.data.auditExports.edges).toEqual([])
      expect(await look(id, other)).toBeNull()
      expect((await harness.call(TICKET, { id }, { token: other })).body.data.issueExportTicket).toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})

describe('a ticket', () => {
  let id: string
  beforeAll(async () => {
    id = (await make({ format: 'csv', filter: { type: 'Patient' } })).done.id
  })

  it('opens one download', async () => {
    const url = await ticket(id)
    expect((await download(url)).status).toBe(200)
    const again = await download(url)
    expect(again.status).toBe(404)
    const [entry] = await admin((client) => entriesOf(client, again.headers.get('x-request-id')))
    expect(entry?.body).toMatchObject({ origin: 'file', outcome: 'denied', detail: 'NO_SUCH_TICKET', actor: { kind: 'anonymous' } })
  })

  it('ends after a minute', async () => {
    const url = await ticket(id)
    const start = now
    now = new Date(start.getTime() + 60_000)
    expect((await download(url)).status).toBe(404)
    now = start
    expect((await download(await ticket(id))).status).toBe(200)
  })

  it('opens its own export alone, and only whole', async () => {
    const other = await make({ format: 'csv', filter: { type: 'Patient' } })
    const url = await ticket(id)
    expect((await download(url.replace(id, other.done.id))).status).toBe(404)
    expect((await download(`/exports/${id}`)).status).toBe(404)
    expect((await download(`/exports/${id}?ticket=${url.split('ticket=')[1]?.slice(0, -1)}`)).status).toBe(404)
    expect((await download(url.replace(org.id, foreign.id))).status).toBe(404)
    expect((await fetch(`${harness.url}${url}`, { method: 'POST' })).status).toBe(405)
    expect((await download(url)).status).toBe(200)
  })

  it('is worth nothing once its person has signed out or lost the right', async () => {
    const signed = await harness.signIn('nasty@alfa.example')
    const url = await ticket(id, signed.token)
    const { sub } = JSON.parse(Buffer.from(signed.token.split('.')[1] ?? '', 'base64url').toString())
    await admin((client) => client.query("UPDATE session SET revoked_at = now(), revoked_reason = 'signed_out' WHERE id = $1", [sub]))
    expect((await download(url)).status).toBe(404)
    const next = await ticket(id, officer)
    const owner = await token(org, 'owner')
    const grant = (effect: string) =>
      harness.call(
        'mutation Grant($input: SetRolePermissionInput!) { setRolePermission(input: $input) { __typename } }',
        { input: { roleCode: 'compliance_officer', permission: 'audit-log:export', effect } },
        { token: owner },
      )
    expect((await grant('DENY')).body.data.setRolePermission.__typename).toBe('Role')
    expect((await download(next)).status).toBe(403)
    expect((await grant('ALLOW')).body.data.setRolePermission.__typename).toBe('Role')
  })

  it('is not given for an export that has no file', async () => {
    const waiting = await request({ format: 'csv' })
    expect((await harness.call(TICKET, { id: waiting.id }, { token: nasty.token })).body.data.issueExportTicket).toMatchObject({ code: 'WRONG_STATE' })
  })
})

describe('files', () => {
  it('are for the server alone, and go after seven days', async () => {
    const { done } = await make({ format: 'csv', filter: { type: 'Patient' } })
    expect((await stat(folder())).mode & 0o777).toBe(0o700)
    expect((await stat(join(folder(), `${done.id}.1`))).mode & 0o777).toBe(0o600)
    expect((await readdir(folder())).filter((name) => name.includes('part'))).toEqual([])
    const start = now
    now = new Date(start.getTime() + 7 * 86_400_000 + 1_000)
    await admin((client) => client.query('UPDATE session SET expires_at = $1, last_active_at = $2', [new Date(now.getTime() + 86_400_000), now]))
    {
      await using _jobs = await work()
      for (let round = 0; round < 100 && (await readdir(folder())).includes(`${done.id}.1`); round += 1) await sleep(100)
    }
    expect(await readdir(folder())).not.toContain(`${done.id}.1`)
    const { token: later } = await harness.signIn('nasty@alfa.example')
    expect(await look(done.id, later)).toMatchObject({ status: 'expired' })
    expect((await harness.call(TICKET, { id: done.id }, { token: later })).body.data.issueExportTicket).toMatchObject({ code: 'WRONG_STATE' })
    now = start
    nasty = { ...nasty, token: (await harness.signIn('nasty@alfa.example')).token }
  })

  it('that cannot be written make the export fail, with a code that says so', async () => {
    const { id } = await request({ format: 'csv' })
    await admin((client) => client.query("UPDATE pgboss.job SET retry_limit = 0 WHERE data ->> 'recordId' = $1", [id]))
    await rm(folder(), { recursive: true })
    await writeFile(folder(), 'in the way')
    {
      await using _jobs = await work()
      expect(await finished(id)).toMatchObject({ status: 'failed', errorCode: 'INTERNAL', rowCount: null, fileName: null })
    }
    await rm(folder())
  })
})
