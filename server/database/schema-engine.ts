import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm/schema_engine_bg'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'
import { recordMigration } from './migration-entry.ts'
import type { MigrationFile } from './migration-files.ts'
import { connectAdapter } from './schema-engine-adapter.ts'
import { createShadowDatabase } from './shadow.ts'

export const NO_FILTERS = { externalTables: [], externalEnums: [] }

// TypeScript keeps these types in its DOM library, which the server does not load.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: Record<string, object>) => { exports: Record<string, unknown> }
}

let isInstantiated = false

/** Node resolves the package to a module that imports `.wasm` directly, which needs a flag: instantiate it by hand. */
function instantiate(): void {
  if (isInstantiated) return
  const file = createRequire(import.meta.url)
    .resolve('@prisma/schema-engine-wasm/schema_engine_bg')
    .replace(/\.js$/, '.wasm')
  const module = new WebAssembly.Module(readFileSync(file))
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': { ...bindings } })
  // Without this registry a panic in the engine reports only that the registry is missing.
  const raise = (message: string) => {
    throw new Error(`Prisma's schema engine stopped: ${message}`)
  }
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: raise } })
  bindings.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start !== 'function') throw new Error('schema_engine_bg.wasm has no __wbindgen_start')
  start()
  isInstantiated = true
}

export type EngineOptions = {
  adminUrl: string
  migrations: readonly MigrationFile[]
  /** Receives PostgreSQL's own error of a failing script, which the engine would wrap in text for terminals. */
  onScriptError?: (error: unknown) => void
}

/** Runs `work` with Prisma's schema engine connected as the admin; frees the engine and its connection afterwards. */
export async function withSchemaEngine<T>(options: EngineOptions, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  instantiate()
  // One connection only: the engine's advisory lock and a migration's SET ROLE belong to a session.
  const pool = openEnginePool(options.adminUrl)
  try {
    const engine = await bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, bindMigrationAwareSqlAdapterFactory(adapterFactory(pool, options)))
    try {
      return await work(engine)
    } finally {
      engine.free()
    }
  } finally {
    await pool.end()
  }
}

/** Migrations as the engine takes them. */
export function migrationList(migrations: readonly MigrationFile[]): MigrationList {
  return {
    baseDir: 'prisma/migrations',
    shadowDbInitScript: '',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}

/** One connection that never idles out. */
function openEnginePool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1, idleTimeoutMillis: 0, application_name: 'chiron migrate' })
  pool.on('error', () => {})
  return pool
}

/**
 * adapter-pg's own `executeScript` cuts the text at every semicolon, which breaks function bodies and comments, and runs
 * the pieces without a transaction. Here a script is one simple query in one transaction.
 */
function adapterFactory(pool: pg.Pool, options: EngineOptions): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(pool)
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await connectAdapter(pool)
      adapter.executeScript = (script) => executeScript(pool, script, options)
      return adapter
    },
    connectToShadowDb: async () => {
      const shadow = await createShadowDatabase(options.adminUrl)
      const shadowPool = openEnginePool(shadow.url)
      const adapter = await connectAdapter(shadowPool)
      adapter.executeScript = (script) => executeScript(shadowPool, script, { ...options, migrations: [] })
      adapter.dispose = async () => {
        await shadowPool.end()
        await shadow.drop()
      }
      return adapter
    },
  }
}

async function executeScript(pool: pg.Pool, script: string, { migrations, onScriptError }: EngineOptions): Promise<void> {
  const migration = migrations.find(({ sql }) => sql === script)
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(script)
    await client.query('RESET ROLE')
    if (migration) {
      await recordMigration(client, migration.name, script, 'apply')
      await recordFinished(client, migration.name)
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    onScriptError?.(error)
    throw error
  } finally {
    client.release()
  }
}

/**
 * The engine notes the end of a migration after its script has committed; a crash between the two would leave an applied
 * step that looks failed. Noting it inside the script's transaction closes that window.
 */
async function recordFinished(client: pg.PoolClient, name: string): Promise<void> {
  const { rowCount } = await client.query(
    'UPDATE public._prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE migration_name = $1 AND finished_at IS NULL AND rolled_back_at IS NULL',
    [name],
  )
  if (rowCount !== 1) throw new Error(`_prisma_migrations has ${rowCount} open rows of ${name} instead of one`)
}
