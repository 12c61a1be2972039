import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ClientBase } from 'pg'
import { z } from 'zod'
import { applyDatabasePrivileges } from '../../server/database/bootstrap.ts'
import { withClient, withDatabase } from '../../server/database/connection.ts'
import { TEST_PASSWORD } from '../harness.ts'
import type { Cluster } from '../own-cluster.ts'
import { hashOf, SIGN_IN_DOCUMENT } from './cost-documents.ts'
import { cpuNanoseconds } from './machine.ts'

/** `off`: no auditing at all. `pipeline`: what the API writes, without triggers. `full`: as it ships. */
export const VARIANTS = ['off', 'pipeline', 'full'] as const
export type VariantName = (typeof VARIANTS)[number]

const SERVER = fileURLToPath(new URL('./cost-server.ts', import.meta.url))
const startedSchema = z.object({ url: z.string() })
const cpuSchema = z.object({ cpu: z.object({ user: z.number(), system: z.number() }) })
const answerSchema = z.object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.unknown().optional() })

/** One build of the app with a database of its own. */
export class Variant implements AsyncDisposable {
  readonly name: VariantName
  readonly #child: ChildProcess
  readonly #url: string
  readonly #maintenanceUrl: string
  readonly #database: string
  #token = ''

  private constructor(name: VariantName, child: ChildProcess, url: string, maintenanceUrl: string, database: string) {
    this.name = name
    this.#child = child
    this.#url = url
    this.#maintenanceUrl = maintenanceUrl
    this.#database = database
  }

  /** Copies the cluster's database, to which nobody may be connected, and starts the app on the copy. */
  static async start(name: VariantName, { urls }: Cluster, email: string, nodeArgs: readonly string[] = []): Promise<Variant> {
    const database = `chiron_bench_${name}`
    const maintenanceUrl = withDatabase(urls.adminUrl, 'postgres')
    await withClient(maintenanceUrl, async (admin) => {
      await admin.query(`CREATE DATABASE ${database} TEMPLATE chiron`)
      await applyDatabasePrivileges(admin, database)
    })
    if (name !== 'full') await withClient(withDatabase(urls.adminUrl, database), dropTriggers)
    const { PATH, HOME, TMPDIR } = process.env
    const env = {
      PATH,
      HOME,
      TMPDIR,
      CHIRON_BENCH: '1',
      DATABASE_URL: withDatabase(urls.appUrl, database),
      DATABASE_AUDITOR_URL: withDatabase(urls.auditorUrl, database),
    }
    const imports = name === 'off' ? [`--import=${new URL('./without-audit.ts', import.meta.url).href}`] : []
    const child = spawn(process.execPath, [...nodeArgs, ...imports, SERVER], { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const [started]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    const variant = new Variant(name, child, startedSchema.parse(started).url, maintenanceUrl, database)
    const session = z.object({ accessToken: z.string() }).parse(await variant.send(SIGN_IN_DOCUMENT, { email, password: TEST_PASSWORD }))
    variant.#token = session.accessToken
    return variant
  }

  /** The value of the one root field. Throws for everything but a full answer. */
  async send(document: string, variables: object): Promise<unknown> {
    const response = await fetch(`${this.#url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}) },
      body: JSON.stringify({ variables, extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(document) } } }),
    })
    const { data, errors } = answerSchema.parse(await response.json())
    const value = Object.values(data ?? {})[0]
    const isRefused = typeof value === 'object' && value !== null && 'code' in value
    if (errors !== undefined || !value || isRefused) throw new Error(`${this.name} answered ${JSON.stringify({ value, errors })}`)
    return value
  }

  /** Milliseconds of processor time that the app and its database connections use for this work. */
  async cpuMsOf(work: () => Promise<void>): Promise<{ node: number; postgres: number }> {
    const [nodeBefore, before] = [await this.#nodeMs(), await this.#backends()]
    await work()
    const [nodeAfter, after] = [await this.#nodeMs(), await this.#backends()]
    // A connection that was opened meanwhile counts as a whole; one that was closed, not at all.
    const postgres = [...after].reduce((sum, [pid, nanoseconds]) => sum + nanoseconds - (before.get(pid) ?? 0), 0) / 1e6
    return { node: nodeAfter - nodeBefore, postgres }
  }

  async #nodeMs(): Promise<number> {
    const answered = once(this.#child, 'message')
    this.#child.send('cpu')
    const [message]: unknown[] = await answered
    const { cpu } = cpuSchema.parse(message)
    return (cpu.user + cpu.system) / 1_000
  }

  async #backends(): Promise<Map<number, number>> {
    return withClient(this.#maintenanceUrl, async (admin) => {
      const { rows } = await admin.query<{ pid: number }>("SELECT pid FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'", [
        this.#database,
      ])
      return new Map(rows.map(({ pid }) => [pid, cpuNanoseconds([pid])]))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}

async function dropTriggers(admin: ClientBase): Promise<void> {
  await admin.query(`DO $$ DECLARE t record; BEGIN
    FOR t IN SELECT tgrelid::regclass AS name, tgname FROM pg_trigger WHERE tgname IN ('audit_gate', 'audit_witness') LOOP
      EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', t.name, t.tgname);
    END LOOP; END $$`)
}
