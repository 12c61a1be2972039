import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { RoundTrip } from '../server/round-trip.ts'
import { buildFullOrganisation, type FullOrganisation } from './full-world.ts'
import { type Harness, startHarness } from './harness.ts'
import { entriesOf } from './trail.ts'
import { addPatient } from './world-patients.ts'

let harness: Harness
let org: FullOrganisation
let admin: pg.Client
let token: string

beforeAll(async () => {
  harness = await startHarness()
  org = await buildFullOrganisation(harness, 'alfa')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  token = (await harness.signIn(org.email('owner'))).token
}, 120_000)
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const patientId = () => org.fixtures[0]?.ids.Patient ?? ''
const EDGES = '{ edges { cursor node { id } } }'
const PAGES = `appointments(first: 2) ${EDGES} notes(first: 2) ${EDGES} invoices(first: 2) ${EDGES}`

async function ask(document: string, variables: object = {}) {
  const query = vi.spyOn(RoundTrip.prototype, 'query')
  let trips = 0
  const note = () => {
    trips += 1
  }
  harness.app.database.pool.on('acquire', note)
  const { body, headers } = await harness.call(document, { id: patientId(), ...variables }, { token })
  const asked = query.mock.calls.length
  query.mockRestore()
  harness.app.database.pool.off('acquire', note)
  const [entry] = await entriesOf(admin, headers.get('x-request-id') ?? '')
  return { body, asked, trips, reads: entry?.body.reads ?? [] }
}

/** Without triggers, but so that rights are worked out anew. */
async function behindTheApi(change: string): Promise<void> {
  await admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${change}; UPDATE access_version SET version = version + 1; COMMIT`)
}

const edgeCounts = ({ appointments, notes, invoices }: Record<string, { edges: unknown[] }>) =>
  [appointments, notes, invoices].map((page) => page?.edges.length)

it('a record and its pages are what they are without reading ahead, however the document asks for them', async () => {
  const { body: plain } = await ask(`query Plain($id: UUID!) { patient(id: $id) { id ... @include(if: true) { ${PAGES} } } }`)
  expect(edgeCounts(plain.data?.patient)).toEqual([2, 2, 0])
  const documents = [
    `query Direct($id: UUID!) { patient(id: $id) { id ${PAGES} } }`,
    `query Inline($id: UUID!) { patient(id: $id) { id ... on Patient { ${PAGES} } } }`,
    `query Spread($id: UUID!) { patient(id: $id) { id ...Pages } } fragment Pages on Patient { ${PAGES} }`,
    `query Variable($id: UUID!, $two: Int) { patient(id: $id) { id ${PAGES.replaceAll('first: 2', 'first: $two')} } }`,
    `query Parts($id: UUID!) { patient(id: $id) { id appointments(first: 2) ${EDGES} } patient(id: $id) { notes(first: 2) ${EDGES} invoices(first: 2) ${EDGES} } }`,
  ]
  for (const document of documents) {
    const { body, trips, asked } = await ask(document, { two: 2 })
    expect([body, trips, asked]).toEqual([plain, 1, 4])
  }
})

it('the same page under two names, and other pages beside it, are each read once', async () => {
  const { body, asked } = await ask(
    `query Aliases($id: UUID!) { patient(id: $id) { id a: appointments(first: 2) ${EDGES} b: appointments(first: 2) ${EDGES} c: appointments(first: 1) ${EDGES} } }`,
  )
  const { a, b, c } = body.data?.patient ?? {}
  expect([b, c.edges]).toEqual([a, a.edges.slice(0, 1)])
  // The chart, the page of two and the page of one.
  expect(asked).toBe(3)
})

it('what makes no page is an error of its field alone', async () => {
  const { body } = await ask(`query Bad($id: UUID!) { patient(id: $id) { id appointments(after: "nowhere") ${EDGES} notes(first: 2) ${EDGES} } }`)
  expect(body.data?.patient).toMatchObject({ id: patientId(), appointments: null, notes: { edges: [{}, {}] } })
  expect(body.errors).toMatchObject([{ path: ['patient', 'appointments'], extensions: { code: 'BAD_USER_INPUT' } }])
})

it('pages of a chart that is out of reach are neither shown nor said to have been read', async () => {
  const document = `query Reach($id: UUID!) { patient(id: $id) { id ${PAGES} } }`
  const other = await addPatient(harness.app, org.clinics[1]?.actor ?? expect.fail('two clinics'), { name: 'Lejano' })
  await behindTheApi(`UPDATE appointment SET patient_id = '${other.id}' WHERE patient_id = '${patientId()}'; UPDATE organisation SET share_patients = false`)
  const { body, reads } = await ask(document, { id: other.id })
  expect(body).toEqual({ data: { patient: null } })
  expect(reads).toEqual([])
  await behindTheApi('UPDATE organisation SET share_patients = true')
  const shared = await ask(document, { id: other.id })
  expect(shared.body.data?.patient.appointments.edges).toHaveLength(2)
  expect(shared.reads.map(({ type }) => type)).toEqual(expect.arrayContaining(['Patient', 'Appointment']))
})
