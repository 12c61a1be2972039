import { fileURLToPath } from 'node:url'
import { withClient, withDatabase } from '../server/database/connection.ts'
import { applyMigrations } from '../server/database/migrate.ts'
import { startTestPostgres } from './postgres.ts'

/** The database that every test file clones: migrated, with reference data, without a tenant. */
export const TEMPLATE = 'chiron_template'

/** One PostgreSQL and one migrated template for the whole run. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await startTestPostgres()
  await applyMigrations({ adminUrl: server.adminUrl, dir: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), backup: 'none' })
  await withClient(withDatabase(server.adminUrl, 'postgres'), async (client) => {
    await client.query(`CREATE DATABASE ${TEMPLATE} TEMPLATE chiron`)
  })
  return () => server.stop()
}
