import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TEMPLATE } from '../test/global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from '../test/postgres.ts'
import { type LeadingStatement, StatementBatch } from './statement-batch.ts'

let database: ClonedDatabase
let client: pg.Client

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
  client = await connect()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

async function connect(): Promise<pg.Client> {
  const connected = new pg.Client({ connectionString: database.appUrl, pipeline: true } as pg.ClientConfig)
  connected.on('error', () => {})
  await connected.connect()
  return connected
}

/** Rows of each statement, or the code or message of its error. */
async function run(configs: readonly pg.QueryConfig[], on = client, leading: readonly LeadingStatement[] = []): Promise<unknown[]> {
  const answers = configs.map(() => Promise.withResolvers<unknown>())
  const statements = configs.map((config, index) => ({
    config,
    settle: (error: any, result?: pg.QueryResult) => answers[index]?.resolve(result ? result.rows : (error.code ?? error.message)),
  }))
  on.query(new StatementBatch(statements, leading))
  return Promise.all(answers.map(({ promise }) => promise))
}

const sum = (name: string, ...values: unknown[]) => ({ name, text: 'SELECT $1::int + $2::int AS sum', values })
const division = (name: string, by: number) => ({ name, text: 'SELECT 1 / $1::int AS quotient', values: [by] })

describe('a batch of statements', () => {
  it('is one write, and answers each of them, prepared or not', async () => {
    const stream: any = Reflect.get(Reflect.get(client, 'connection'), 'stream')
    const { write } = stream
    let writes = 0
    stream.write = (...given: unknown[]) => {
      writes += 1
      return Reflect.apply(write, stream, given)
    }
    try {
      const mixed = [{ text: 'BEGIN' }, sum('batch_sum', 1, 2), sum('batch_sum', 3, 4), { text: 'SELECT' }, { text: '' }, { text: 'COMMIT' }]
      expect(await run(mixed)).toEqual([[], [{ sum: 3 }], [{ sum: 7 }], [{}], [], []])
      expect(await run(mixed.slice(1, 3))).toEqual([[{ sum: 3 }], [{ sum: 7 }]])
    } finally {
      stream.write = write
    }
    expect(writes).toBe(2)
  })

  it('gives what stood before a failure, its error, and nothing behind it', async () => {
    const all = [{ text: 'BEGIN' }, sum('fails_before', 1, 1), division('fails_here', 0), sum('fails_behind', 1, 1), { text: 'COMMIT' }]
    expect(await run(all)).toEqual([[], [{ sum: 2 }], '22012', '25P02', '25P02'])
    expect(await run([sum('fails_behind', 1, 1)])).toEqual(['25P02'])
    await client.query('ROLLBACK')
    // Whatever was prepared, or not, in the batch that failed is as usable as before.
    expect(await run(all.slice(1, 4).map(({ values: _values, ...one }: any) => ({ ...one, values: one.name === 'fails_here' ? [1] : [2, 2] })))).toEqual([
      [{ sum: 4 }],
      [{ quotient: 1 }],
      [{ sum: 4 }],
    ])
  })

  it('has statements ahead of the others, whose failure is that of the first', async () => {
    const rows: unknown[] = []
    const leading = [
      { name: 'lead_set', text: "SELECT set_config('app.org_id', $1, true)", values: ['x'] },
      { name: 'lead_row', text: 'SELECT $1::text, NULL', values: ['one'], take: (row: unknown) => void rows.push(row) },
      { name: 'lead_none', text: 'SELECT 1 WHERE $1::text IS NULL', values: ['one'], take: (row: unknown) => void rows.push(row) },
    ]
    const wrong = [...leading, { name: 'lead_wrong', text: 'SELECT $1::int', values: ['one'] }]
    const asked = [{ name: 'led', text: "SELECT current_setting('app.org_id') AS org", values: [] }, sum('led_sum', 1, 1)]
    for (let round = 0; round < 2; round += 1) {
      expect(await run(asked, client, leading)).toEqual([[{ org: 'x' }], [{ sum: 2 }]])
      expect(await run(asked, client, wrong)).toEqual(['22P02', '25P02'])
    }
    const once = [['one', null], null]
    expect(rows).toEqual([...once, ...once, ...once, ...once])
  })

  it('survives a text that does not parse, also the next time', async () => {
    const wrong = { name: 'batch_wrong', text: 'SELECT nothing FROM nowhere', values: [] }
    for (let round = 0; round < 2; round += 1)
      expect(await run([sum('parse_before', 1, 1), wrong, sum('parse_behind', 1, 1)])).toEqual([[{ sum: 2 }], '42P01', '25P02'])
    expect(await run([sum('parse_behind', 2, 1)])).toEqual([[{ sum: 3 }]])
  })

  it('does not leave when one of them cannot be sent, and the connection stays usable', async () => {
    const circular: { self?: unknown } = {}
    circular.self = circular
    const answers = await run([sum('unsent_before', 1, 1), { name: 'unsent', text: 'SELECT $1::jsonb', values: [circular] }, sum('unsent_behind', 1, 1)])
    expect(answers.map(String)).toEqual([
      expect.stringContaining('could not be sent'),
      expect.stringContaining('circular'),
      expect.stringContaining('could not be sent'),
    ])
    expect(await run([sum('unsent_before', 1, 1), sum('unsent_behind', 1, 2)])).toEqual([[{ sum: 2 }], [{ sum: 3 }]])
  })

  it('does not run another text under a known name', async () => {
    expect(await run([sum('one_name', 1, 1)])).toEqual([[{ sum: 2 }]])
    const [first, second] = await run([division('other_name', 1), division('one_name', 1)])
    expect([first, second]).toEqual([expect.stringContaining("'one_name' was used"), expect.stringContaining("'one_name' was used")])
    expect(await run([division('other_name', 1), sum('one_name', 1, 2)])).toEqual([[{ quotient: 1 }], [{ sum: 3 }]])
  })

  it('fails as a whole, and at once, when its connection ends', async () => {
    const other = await connect()
    const { rows } = await other.query('SELECT pg_backend_pid() AS pid')
    const waiting = run([{ text: 'SELECT pg_sleep(30)' }, sum('never', 1, 1)], other)
    const admin = new pg.Client(database.adminUrl)
    await admin.connect()
    await admin.query('SELECT pg_terminate_backend($1, 5000)', [rows[0].pid])
    await admin.end()
    const answers = await waiting
    expect(answers).toEqual(['57P01', '57P01'])
    await other.end().catch(() => {})
  })
})
