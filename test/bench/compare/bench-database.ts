import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { applyDatabasePrivileges } from '../../../server/database/bootstrap.ts'
import { withClient, withDatabase } from '../../../server/database/connection.ts'
import { type EmbeddedDatabase, startEmbedded } from '../../../server/database/embedded.ts'
import { childrenOf } from '../../processes.ts'
import { BENCH_PREFIX } from '../cut-audit.ts'
import { type BenchWorld, prepareData } from '../data/prepare.ts'
import { ANCHOR } from '../data/sizes.ts'
import type { Size } from '../measure.ts'
import type { InputSource, Visit } from './operations.ts'

const MEGABYTES = Math.floor(totalmem() / 2 ** 20)
/** The same for everybody who is measured: memory as docs/operations.md has it, durable as in production (fsync and synchronous commit on). */
export const SETTINGS = [
  `shared_buffers=${Math.floor(MEGABYTES / 4)}MB`,
  `effective_cache_size=${Math.floor((MEGABYTES * 3) / 4)}MB`,
  'random_page_cost=1.1',
  'max_wal_size=8GB',
  'checkpoint_timeout=30min',
  'fsync=on',
  'synchronous_commit=on',
]
const FUNCTIONS = fileURLToPath(new URL('./functions.sql', import.meta.url))
const TERMS = 500

/** PostgreSQL on the finished data of a size, put back to how it was made. */
export class BenchDatabase implements AsyncDisposable {
  readonly world: BenchWorld
  readonly #server: EmbeddedDatabase
  readonly #postmaster: number
  readonly #interrupt = () => this.#server.interrupt()

  private constructor(world: BenchWorld, server: EmbeddedDatabase, postmaster: number) {
    this.world = world
    this.#server = server
    this.#postmaster = postmaster
    process.once('exit', this.#interrupt)
  }

  static async start(size: Size, say: (line: string) => void): Promise<BenchDatabase> {
    const { dataDir, world } = await prepareData(size, say)
    const server = await startEmbedded({ dataDir, flags: SETTINGS })
    const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')
    const database = new BenchDatabase(world, server, Number(pid))
    try {
      await nameForBenchmark(server.adminUrl)
      await withClient(database.adminUrl, async (client) => {
        await undoLastRun(client)
        await client.query(readFileSync(FUNCTIONS, 'utf8'))
        await ensureRoles(client, world)
      })
      return database
    } catch (error) {
      await database[Symbol.asyncDispose]()
      throw error
    }
  }

  get adminUrl(): string {
    return withDatabase(this.#server.adminUrl, BENCH_PREFIX)
  }

  get auditorUrl(): string {
    return withDatabase(this.#server.auditorUrl, BENCH_PREFIX)
  }

  /** As the application signs in. */
  get appUrl(): string {
    return withDatabase(this.#server.appUrl, BENCH_PREFIX)
  }

  /** As a login of the benchmark's own. */
  urlAs(role: BenchRole): string {
    const url = new URL(this.appUrl)
    url.username = role
    url.password = 'bench'
    return url.href
  }

  /** All processes of the server, those of every connection included. */
  pids(): number[] {
    return [this.#postmaster, ...childrenOf(this.#postmaster).map(({ pid }) => pid)]
  }

  /** What requests are made of. */
  async readSource(size: Size): Promise<{ source: InputSource; visits: Visit[] }> {
    const { organisationId: organisation, clinicIds: clinics } = this.world
    return withClient(this.adminUrl, async (client) => {
      const names = await client.query<{ name: string }>(`SELECT search_key(name) AS name FROM patient WHERE organisation_id = $1 ORDER BY id LIMIT ${TERMS}`, [
        organisation,
      ])
      const visits = await client.query<Visit>(
        `SELECT id, clinic_id AS clinic, version, status FROM appointment WHERE organisation_id = $1 AND starts_at >= $2 AND status IN ('scheduled', 'confirmed') ORDER BY starts_at, id LIMIT 20000`,
        [organisation, ANCHOR],
      )
      return { source: { size, organisation, clinics, terms: names.rows.map(({ name }) => name.slice(0, 5)) }, visits: visits.rows }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#interrupt)
    await this.#server.stop()
  }
}

/** Whoever takes guards out of the product asks whether the database is the benchmark's, by its name. */
async function nameForBenchmark(adminUrl: string): Promise<void> {
  await withClient(withDatabase(adminUrl, 'postgres'), async (client) => {
    const { rows } = await client.query("SELECT FROM pg_database WHERE datname = 'chiron'")
    if (rows.length > 0) await client.query(`ALTER DATABASE chiron RENAME TO ${BENCH_PREFIX}`)
    await applyDatabasePrivileges(client, BENCH_PREFIX)
    await client.query(`GRANT CONNECT ON DATABASE ${BENCH_PREFIX} TO PUBLIC`)
  })
}

/** Takes back what changes have left: bookings far ahead, receipts, and what was noted of them. */
async function undoLastRun(client: pg.ClientBase): Promise<void> {
  await client.query('SET session_replication_role = replica')
  await client.query(
    `CREATE TEMP TABLE booked AS SELECT a.id, a.clinic_id FROM bench.place p JOIN appointment a ON a.organisation_id = p.organisation_id AND a.clinic_id = p.id
    WHERE a.starts_at >= $1::date + 90`.replace('$1', `'${ANCHOR}'`),
  )
  // In one transaction: those triggers that fire for contenders fire here too, and a visit without its claims is refused at COMMIT.
  await client.query('BEGIN')
  await client.query('DELETE FROM resource_claim c USING booked b WHERE c.clinic_id = b.clinic_id AND c.appointment_id = b.id')
  await client.query('DELETE FROM appointment a USING booked b WHERE a.clinic_id = b.clinic_id AND a.id = b.id')
  await client.query('COMMIT')
  await client.query(`WITH gone AS (DELETE FROM stock_movement m USING bench.place p WHERE m.organisation_id = p.organisation_id AND m.clinic_id = p.id AND m.occurred_at >= '${ANCHOR}' RETURNING m.*),
    sums AS (SELECT organisation_id, clinic_id, product_id, sum(quantity) AS quantity FROM gone GROUP BY 1, 2, 3)
    UPDATE stock_level l SET on_hand = l.on_hand - s.quantity FROM sums s WHERE l.organisation_id = s.organisation_id AND l.clinic_id = s.clinic_id AND l.product_id = s.product_id`)
  await client.query('TRUNCATE audit.entry, audit.image_pending, audit.search, idempotency_key, session')
  await client.query('RESET session_replication_role')
  await client.query('VACUUM (ANALYZE) resource_claim, appointment, stock_movement, stock_level')
}

/** Logins besides those of the data: what the application may do, with one guard less. */
export const BENCH_ROLES = ['chiron_bench', 'chiron_bench_silent', 'chiron_bench_open'] as const
export type BenchRole = (typeof BENCH_ROLES)[number]

async function ensureRoles(client: pg.ClientBase, { organisationId, clinicIds }: BenchWorld): Promise<void> {
  for (const role of BENCH_ROLES) {
    const { rows } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [role])
    if (rows.length === 0) await client.query(`CREATE ROLE ${role} LOGIN INHERIT PASSWORD 'bench' IN ROLE chiron_app`)
    await client.query(`ALTER ROLE ${role} SET synchronous_commit = on`)
    await client.query(`ALTER ROLE ${role} SET search_path = public`)
    await client.query(`ALTER ROLE ${role} SET timezone = UTC`)
  }
  // Planning a join of ten tables anew for every request costs more than running it; a plan for all values is as good here.
  await client.query('ALTER ROLE chiron_bench SET plan_cache_mode = force_generic_plan')
  await client.query('ALTER ROLE chiron_bench_silent SET session_replication_role = replica')
  await client.query('ALTER ROLE chiron_bench_open BYPASSRLS')
  // Searches run as their owner and take the tenant from the settings: here they are the login's.
  await client.query(`ALTER ROLE chiron_bench_open SET app.org_id = '${organisationId}'`)
  await client.query(`ALTER ROLE chiron_bench_open SET app.clinic_ids = '{${clinicIds.join(',')}}'`)
  await client.query(`ALTER ROLE chiron_bench_open SET app.share_patients = 'on'`)
}
