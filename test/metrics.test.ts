import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../server/app.ts'
import { StartupError } from '../server/startup-error.ts'
import { type Exposed, parseExposition } from './exposition.ts'
import { type Harness, SIGN_IN, startHarness, testConfig } from './harness.ts'
import { takePort } from './ports.ts'
import { buildOrganisation } from './world.ts'
import { addPatient } from './world-patients.ts'

const TOKEN = '2b7c1e90d4f3a8658e1b0c9d7f6a5243b1c0d9e8f7a6958473625140fedcba98'
const PATIENT = 'query PatientName($id: UUID!) { patient(id: $id) { id name client { name } } }'
const BOOK = 'mutation Book($input: BookAppointmentInput!) { bookAppointment(input: $input) { __typename ... on Error { code } } }'

let harness: Harness
let url: string
let email: string
let token: string
let patientId: string

beforeAll(async () => {
  const port = await takePort()
  url = `http://127.0.0.1:${port}/metrics`
  harness = await startHarness({ config: { metrics: { port, host: '127.0.0.1', token: TOKEN, isTls: false } } })
  const organisation = await buildOrganisation(harness.app, 'alfa', [{}])
  const [clinic] = organisation.clinics
  if (!clinic) throw new Error('no clinic')
  patientId = (await addPatient(harness.app, clinic.actor)).id
  email = organisation.email('owner')
  token = (await harness.signIn(email)).token
})
afterAll(() => harness[Symbol.asyncDispose]())

const scrape = async (): Promise<Exposed> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  return parseExposition(await response.text())
}

describe('the listener for metrics', () => {
  it.each([
    ['nobody', 'GET', '/metrics', undefined, 401],
    ['a bearer of something else', 'GET', '/metrics', `Bearer ${TOKEN}0`, 401],
    ['a bearer who writes', 'POST', '/metrics', `Bearer ${TOKEN}`, 405],
    ['a bearer who wants the API', 'GET', '/graphql', `Bearer ${TOKEN}`, 404],
  ])('answers %s: %s %s', async (_who, method, path, authorization, status) => {
    const response = await fetch(new URL(path, url), { method, headers: authorization ? { authorization } : {} })
    expect([response.status, (await response.text()).includes('chiron_')]).toEqual([status, false])
  })

  it('is not the one of the application', async () => {
    const response = await fetch(`${harness.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })
    expect(await response.text()).not.toContain('chiron_')
  })

  it('is silent unless configured, and then nothing is measured', async () => {
    await using app = await createApp(testConfig(harness.database), { log: harness.app.log })
    expect([app.metrics, await app.listenForMetrics()]).toEqual([null, null])
  })

  it('names the variable when the port is taken', async () => {
    await using app = await createApp(testConfig(harness.database, { metrics: harness.config.metrics }), { log: harness.app.log })
    await expect(app.listenForMetrics()).rejects.toThrow(StartupError)
    await expect(app.listenForMetrics()).rejects.toThrow(/METRICS_PORT=\d+ npm start/)
  })
})

describe('metrics', () => {
  it('count what was done, under the names of registered documents', async () => {
    const before = await scrape()
    await harness.call(PATIENT, { id: patientId }, { token })
    await harness.call(PATIENT, { id: patientId }, { token })
    await harness.call('query Secret0198 { viewer { user { id } } }', {}, { token, free: true })
    await harness.call(BOOK, { input: {} }, { token })
    await harness.call(SIGN_IN, { email, password: 'wrong wrong wrong' })
    await fetch(`${harness.url}/healthz`)
    const after = await scrape()
    const grown = (name: string, labels: Record<string, string> = {}) => after.sum(name, labels) - before.sum(name, labels)
    expect(grown('chiron_request_seconds_count', { kind: 'query', operation: 'PatientName', outcome: 'ok', status: '200' })).toBe(2)
    expect(grown('chiron_request_seconds_count', { kind: 'adhoc', operation: 'adhoc', outcome: 'ok' })).toBe(1)
    expect(grown('chiron_request_seconds_count', { kind: 'mutation', operation: 'Book' })).toBe(1)
    expect(grown('chiron_request_seconds_count', { kind: 'http', operation: 'healthz' })).toBe(1)
    expect(grown('chiron_sign_ins_total', { action: 'login', result: 'WRONG_CREDENTIALS' })).toBe(1)
    expect(grown('chiron_operation_statements_count', { operation: 'PatientName' })).toBe(2)
    expect(grown('chiron_operation_statements_sum', { operation: 'PatientName' })).toBeGreaterThanOrEqual(2)
    expect(grown('chiron_statement_seconds_count', { pool: 'app' })).toBeGreaterThanOrEqual(4)
    expect(grown('chiron_statement_seconds_count', { pool: 'audit', statement: 'audit_insert' })).toBeGreaterThanOrEqual(3)
    expect(grown('chiron_audit_entries_total')).toBeGreaterThanOrEqual(4)
    expect(grown('chiron_audit_batch_operations_sum')).toBeGreaterThanOrEqual(4)
  })

  it('count statements that PostgreSQL refused', async () => {
    const before = await scrape()
    await expect(harness.app.database.pool.query('SELECT nothing FROM nowhere')).rejects.toThrow('nowhere')
    expect((await scrape()).sum('chiron_statement_failures_total', { pool: 'app' }) - before.sum('chiron_statement_failures_total', { pool: 'app' })).toBe(1)
  })

  it('tell of pools, the trail, jobs and the process', async () => {
    await harness.call(PATIENT, { id: patientId }, { token })
    const exposed = await scrape()
    expect(exposed.sum('chiron_pool_connections', { pool: 'app' })).toBeGreaterThanOrEqual(1)
    expect(exposed.sum('chiron_readings_up')).toBe(1)
    expect(exposed.sum('chiron_audit_lag_seconds')).toBeGreaterThanOrEqual(0)
    expect(exposed.find('chiron_jobs').map(({ labels }) => labels.queue)).toContain('audit-export')
    expect(exposed.sum('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
    expect(exposed.find('nodejs_eventloop_lag_p99_seconds')).toHaveLength(1)
  })

  it('hold no id, no address and nothing that a caller typed', async () => {
    const text = await (await fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })).text()
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-|@|Secret0198|127\.0\.0\.1/)
  })
})
