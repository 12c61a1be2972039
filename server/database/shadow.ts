import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { createDatabase, prepareEmptyDatabase } from './bootstrap.ts'
import { withClient, withDatabase } from './connection.ts'

/** An empty database beside the real one, with its schemas and extensions; `drop` removes it. Roles are the server's own. */
export async function createShadowDatabase(adminUrl: string): Promise<{ name: string; url: string; drop(): Promise<void> }> {
  const name = `chiron_shadow_${randomBytes(6).toString('hex')}`
  const quoted = pg.escapeIdentifier(name)
  await withClient(withDatabase(adminUrl, 'postgres'), (client) => createDatabase(client, name))
  const url = withDatabase(adminUrl, name)
  const drop = async () => {
    await withClient(withDatabase(adminUrl, 'postgres'), (client) => client.query(`DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`))
  }
  try {
    await withClient(url, prepareEmptyDatabase)
  } catch (error) {
    await drop()
    throw error
  }
  return { name, url, drop }
}
