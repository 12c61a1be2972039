import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { describeCatalogue } from '../../server/database/catalogue.ts'
import { withClient, withDatabase } from '../../server/database/connection.ts'
import { applyMigrations } from '../../server/database/migrate.ts'
import type { Cluster } from '../own-cluster.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import type { Lab } from './lab.ts'
import { Random } from './random.ts'

const PROGRAM = fileURLToPath(new URL('./migrate-child.ts', import.meta.url))
const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))
// Long enough to be met in its middle, with something before and something after.
const SLOW_STEP = `SET ROLE chiron_migrator;
CREATE TABLE public.fault_before (id uuid PRIMARY KEY);
ALTER TABLE public.client ADD COLUMN fault_column integer NOT NULL DEFAULT 7;
SELECT pg_sleep(0.8);
CREATE TABLE public.fault_after (id uuid PRIMARY KEY);
RESET ROLE;
`

export const migration: Fault = {
  name: 'migration',
  title: 'kill -9 in the middle of a migration, then start again',
  run: async ({ seed, isQuick, lab, say }) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'chiron-faults-migrations-'))
    const dir = join(folder.path, 'migrations')
    await cp(MIGRATIONS, dir, { recursive: true })
    await mkdir(join(dir, '9999_slow'))
    await writeFile(join(dir, '9999_slow', 'migration.sql'), SLOW_STEP)
    const trial = new Trial(lab, dir, new Random(seed))
    await trial.measure()
    const kills = isQuick ? 3 : 40
    for (let kill = 0; kill < kills; kill += 1) await trial.run(kill, kills)
    const { killed, said, wrong } = trial
    for (const text of trial.problems) say(`    ${text}`)
    return {
      times: kills,
      lines: [
        ...mustHappen('killed while it worked', killed),
        count('began with none of the steps done', trial.fromNothing),
        count('went on by starting again', kills - said),
        count('said what to do, and did it', said),
        mustBeZero('could not be completed', wrong.stuck),
        mustBeZero('objects unlike those of a clean database', wrong.objects),
        mustBeZero('steps that are half done', wrong.half),
      ],
    }
  },
}

type Urls = Cluster['urls']

class Trial {
  readonly #lab: Lab
  readonly #dir: string
  readonly #random: Random
  #clean: ReadonlySet<string> = new Set()
  #durationMs = 0
  killed = 0
  said = 0
  fromNothing = 0
  readonly wrong = { stuck: 0, objects: 0, half: 0 }
  readonly problems: string[] = []

  constructor(lab: Lab, dir: string, random: Random) {
    this.#lab = lab
    this.#dir = dir
    this.#random = random
  }

  /** A database that nobody disturbed, and how long it took. */
  async measure(): Promise<void> {
    const urls = this.#urls('fault_migration_clean')
    const child = this.#start(urls)
    await this.#awaitFirstStatement('fault_migration_clean')
    const begun = performance.now()
    if ((await child.ended).code !== 0) throw new Error(`the migrations do not apply: ${child.text()}`)
    this.#durationMs = performance.now() - begun
    this.#clean = await withClient(urls.adminUrl, describeCatalogue)
    await this.#drop('fault_migration_clean')
  }

  /** One database, killed once on its way: moments are spread over the whole of it, every other one into the slow step. */
  async run(kill: number, kills: number): Promise<void> {
    const name = `fault_migration_${kill}`
    const urls = this.#urls(name)
    const child = this.#start(urls)
    await this.#awaitFirstStatement(name)
    await (kill % 2 === 0 ? this.#awaitSlowStep(name) : sleep(((kill + this.#random.next()) / kills) * this.#durationMs))
    child.kill()
    if ((await child.ended).signal === 'SIGKILL') this.killed += 1
    await this.#lookForHalves(urls.adminUrl)
    await this.#startAgain(urls)
    await this.#compare(urls.adminUrl)
    await this.#drop(name)
  }

  /** Both tables and the column of the slow step, or none of them; and its row in the history if and only if they are there. */
  async #lookForHalves(adminUrl: string): Promise<void> {
    // The killed process's session may outlive it by the statement under way.
    const [row] = await this.#settled(adminUrl)
    if (!row) return
    const isDone = row.parts === 3
    if (row.parts % 3 !== 0 || isDone !== row.is_finished) {
      this.wrong.half += 1
      this.problems.push(`half done: ${JSON.stringify(row)}`)
    }
    if (row.finished === 0) this.fromNothing += 1
  }

  async #settled(adminUrl: string): Promise<{ parts: number; is_finished: boolean; finished: number }[]> {
    return withClient(adminUrl, async (admin) => {
      for (let round = 0; round < 100; round += 1) {
        const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'chiron migrate'")
        if (rowCount === 0) break
        await sleep(50)
      }
      const { rows: tables } = await admin.query("SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = '_prisma_migrations'")
      if (tables.length === 0) return []
      const { rows } = await admin.query<{ parts: number; is_finished: boolean; finished: number }>(
        `SELECT (to_regclass('public.fault_before') IS NOT NULL)::int + (to_regclass('public.fault_after') IS NOT NULL)::int
           + (SELECT count(*)::int FROM information_schema.columns WHERE column_name = 'fault_column') AS parts,
           EXISTS (SELECT FROM public._prisma_migrations WHERE migration_name = '9999_slow' AND finished_at IS NOT NULL) AS is_finished,
           (SELECT count(*)::int FROM public._prisma_migrations WHERE finished_at IS NOT NULL) AS finished`,
      )
      return rows
    }).catch((error: unknown) => {
      // Killed before the database itself existed.
      if (error instanceof Error && error.name === 'MissingDatabaseError') return []
      throw error
    })
  }

  async #startAgain(urls: Urls): Promise<void> {
    const again = this.#start(urls)
    if ((await again.ended).code === 0) return
    if (!/^SAID .*migrate apply --retry/m.test(again.text())) {
      this.wrong.stuck += 1
      this.problems.push(`not completed: ${again.text().trim()}`)
      return
    }
    this.said += 1
    await applyMigrations({ adminUrl: urls.adminUrl, dir: this.#dir, backup: 'none', retry: true }).catch((error: unknown) => {
      this.wrong.stuck += 1
      this.problems.push(`not completed by --retry: ${String(error)}`)
    })
  }

  async #compare(adminUrl: string): Promise<void> {
    const actual = await withClient(adminUrl, describeCatalogue)
    const other = [...actual.symmetricDifference(this.#clean)]
    this.wrong.objects += other.length
    this.problems.push(...other.slice(0, 5))
  }

  async #awaitFirstStatement(name: string): Promise<void> {
    await this.#await('SELECT FROM pg_stat_activity WHERE datname = $1', name)
  }

  async #awaitSlowStep(name: string): Promise<void> {
    await this.#await("SELECT FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'PgSleep'", name)
    await sleep(this.#random.between(0, 700))
  }

  async #await(text: string, name: string): Promise<void> {
    await withClient(withDatabase(this.#lab.cluster.urls.adminUrl, 'postgres'), async (admin) => {
      const deadline = performance.now() + 60_000
      while (performance.now() < deadline) {
        if (((await admin.query(text, [name])).rowCount ?? 0) > 0) return
        await sleep(5)
      }
      throw new Error(`the migration of ${name} did not come to what was waited for`)
    })
  }

  #urls(name: string): Urls {
    const { adminUrl, appUrl, auditorUrl, sequencerUrl } = this.#lab.cluster.urls
    return {
      adminUrl: withDatabase(adminUrl, name),
      appUrl: withDatabase(appUrl, name),
      auditorUrl: withDatabase(auditorUrl, name),
      sequencerUrl: withDatabase(sequencerUrl, name),
    }
  }

  #start(urls: Urls) {
    const { PATH, HOME } = process.env
    const child = spawn(process.execPath, [PROGRAM], {
      env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), MIGRATE_DATABASE: JSON.stringify(urls), MIGRATE_DIR: this.#dir },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    return { text: () => text, kill: () => child.kill('SIGKILL'), ended: once(child, 'close').then(([code, signal]) => ({ code, signal })) }
  }

  async #drop(name: string): Promise<void> {
    await withClient(withDatabase(this.#lab.cluster.urls.adminUrl, 'postgres'), (admin) =>
      admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`),
    )
  }
}
