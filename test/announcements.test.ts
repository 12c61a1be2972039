import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { gather, split } from '../server/audit/sequencer/announce.ts'
import { type Announcement, LIVE_CHANNEL, PAYLOAD_BYTES, parseAnnouncement } from '../server/live/announcement.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { integrateAll } from './world-compliance.ts'

const ORGANISATION = '01900000-0000-7000-8000-0000000000a1'
const CLINIC = '01900000-0000-7000-8000-0000000000c1'
const OTHER = '01900000-0000-7000-8000-0000000000c2'

let database: ClonedDatabase
let admin: pg.Client
let sequencer: pg.Client
let listener: pg.Client
let heard: (Announcement | null)[]

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  const open = async (connectionString: string) => {
    const client = new pg.Client({ connectionString })
    await client.connect()
    return client
  }
  admin = await open(database.adminUrl)
  sequencer = await open(database.sequencerUrl)
  listener = await open(database.appUrl)
  listener.on('notification', ({ payload = '' }) => {
    expect(Buffer.byteLength(payload)).toBeLessThan(8_000)
    heard.push(parseAnnouncement(payload))
  })
  await integrateAll(sequencer)
  await listener.query(`LISTEN ${LIVE_CHANNEL}`)
})
beforeEach(() => {
  heard = []
})
afterAll(async () => {
  await Promise.all([admin.end(), sequencer.end(), listener.end()])
  await database.drop()
})

const ids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID())
const bodyOf = (changes: unknown) => JSON.stringify({ action: 'update', changes })

/** Writes entries of operations in one transaction, with what the row trigger would have written beside them. */
async function write(entries: readonly { clinic?: string; body: string }[], rows = 1): Promise<void> {
  await admin.query('BEGIN')
  await admin.query(
    `INSERT INTO audit.entry (organisation_id, clinic_id, body, source)
     SELECT $1::uuid, clinic, convert_to(body, 'UTF8'), 'api' FROM unnest($2::uuid[], $3::text[]) AS e(clinic, body)
     UNION ALL SELECT $1::uuid, $1::uuid, convert_to('{}', 'UTF8'), 'row' FROM generate_series(1, $4)`,
    [ORGANISATION, entries.map(({ clinic }) => clinic ?? CLINIC), entries.map(({ body }) => body), rows],
  )
  await admin.query('COMMIT')
}

/** Integrates all, and answers what was heard once a sign that comes after it has arrived. */
async function integrateAndHear(limit?: number): Promise<(Announcement | null)[]> {
  await integrateAll(sequencer, limit)
  await sequencer.query('SELECT pg_notify($1, $2)', [LIVE_CHANNEL, '"end"'])
  await expect.poll(() => heard.includes(null)).toBe(true)
  return heard.filter((one) => one !== null)
}

describe('integrated entries', () => {
  it('are announced by clinic, by type, and once', async () => {
    const [one = '', two = '', three = ''] = ids(3)
    await write([
      { body: bodyOf([{ fields: ['name'], ids: [one], type: 'Room' }]) },
      {
        body: bodyOf([
          { fields: ['kind'], ids: [one, two], type: 'Room' },
          { fields: ['x'], ids: [three], type: 'Lot' },
        ]),
      },
      { clinic: OTHER, body: bodyOf([{ fields: ['name'], ids: [three], type: 'Room' }]) },
      { body: JSON.stringify({ action: 'read', reads: [{ fields: ['name'], ids: [three], type: 'Room' }] }) },
      { clinic: '00000000-0000-0000-0000-000000000000', body: bodyOf([{ fields: ['name'], ids: [three], type: 'Room' }]) },
    ])
    const announced = await integrateAndHear()
    expect(announced.map((one) => [one?.organisation, one?.clinic, one?.changes?.map(({ type, ids: all }) => [type, [...(all ?? [])].sort()])])).toEqual(
      expect.arrayContaining([
        [ORGANISATION, OTHER, [['Room', [three]]]],
        [
          ORGANISATION,
          CLINIC,
          expect.arrayContaining([
            ['Room', [one, two].sort()],
            ['Lot', [three]],
          ]),
        ],
      ]),
    )
    expect(announced.length).toBe(2)
    heard = []
    expect(await integrateAndHear()).toEqual([])
  })

  it('of which some cannot be read are integrated all the same', async () => {
    const [id = ''] = ids(1)
    await write([
      { body: 'no JSON, but "changes":[{' },
      { body: bodyOf([{ ids: 'none', type: 'Room' }]) },
      { body: bodyOf([{ ids: ['no id'], type: 'Room' }]) },
      { body: bodyOf([{ ids: [id], type: 'Room' }]) },
    ])
    expect((await integrateAndHear()).map((one) => one?.changes)).toEqual([[{ type: 'Room', ids: [id] }]])
  })

  it('with many records of a type are announced as any of this type, and very many entries as anything', async () => {
    await write([{ body: bodyOf([{ ids: ids(101), type: 'Room' }]) }])
    expect((await integrateAndHear()).map((one) => one?.changes)).toEqual([[{ type: 'Room', ids: null }]])
    heard = []
    await write(ids(1_001).map((id) => ({ body: bodyOf([{ ids: [id], type: 'Room' }]) })))
    const announced = await integrateAndHear()
    expect(announced).toEqual([{ organisation: ORGANISATION, clinic: CLINIC, entry: null, changes: null }])
  })

  it('of reads are not searched, unless their transaction stands at an end of the batch', async () => {
    const [first = '', middle = '', last = ''] = ids(3)
    // A body that claims a change which no row trigger saw.
    for (const id of [first, middle, last]) await write([{ body: bodyOf([{ ids: [id], type: 'Room' }]) }], 0)
    expect((await integrateAndHear()).flatMap((one) => one?.changes?.flatMap((change) => change.ids ?? []) ?? []).sort()).toEqual([first, last].sort())
  })

  it('are announced by each step of a long batch', async () => {
    const all = ids(25)
    await write(all.map((id) => ({ body: bodyOf([{ ids: [id], type: 'Room' }]) })))
    const announced = await integrateAndHear(10)
    expect(announced.length).toBe(3)
    expect(announced.flatMap((one) => one?.changes?.flatMap((change) => change.ids ?? []) ?? []).sort()).toEqual(all.sort())
  })
})

describe('an announcement', () => {
  it('that is too long for a payload goes out in parts that together say all of it', () => {
    const changes = Array.from({ length: 30 }, (_, index) => ({ fields: [], ids: ids(index * 5), type: `Type${index}` }))
    const entries = [{ organisation: ORGANISATION, clinic: CLINIC, entry: crypto.randomUUID(), body: Buffer.from(bodyOf(changes)) }]
    const [whole] = gather(entries)
    if (!whole) throw new Error('nothing was gathered')
    const parts = split(whole)
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.flatMap((part) => part.changes)).toEqual(whole.changes)
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(PAYLOAD_BYTES)
  })

  it.each(['', 'null', '{}', '{"organisation":"x"}', '[1]'])('is not made of %j', (payload) => {
    expect(parseAnnouncement(payload)).toBeNull()
  })
})
