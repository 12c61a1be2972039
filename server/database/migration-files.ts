import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, StartupError } from '../startup-error.ts'

export type MigrationFile = {
  /** Folder name, `NNNN_name`. */
  name: string
  sql: string
  /** The way back; null when the step has none. */
  downSql: string | null
  /** SHA-256 of the file's bytes, as Prisma records it. */
  checksum: string
}

export type SchemaFile = { path: string; content: string }

const NAME = /^\d{4}_[a-z0-9_]+$/

/** The migrations of a folder in order. Throws StartupError on a bad name, a duplicate number or an empty file. */
export async function readMigrations(dir: string): Promise<MigrationFile[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  const bad = names.find((name) => !NAME.test(name))
  if (bad !== undefined) throw new StartupError(`${join(dir, bad)} is not named like 0001_first_step: rename it.`)
  const twice = names.find((name, index) => names[index - 1]?.slice(0, 4) === name.slice(0, 4))
  if (twice !== undefined) throw new StartupError(`Two migrations have the number ${twice.slice(0, 4)} in ${dir}: renumber the newer one.`)
  return Promise.all(names.map((name) => readMigration(dir, name)))
}

async function readMigration(dir: string, name: string): Promise<MigrationFile> {
  const sql = (await readOptional(join(dir, name, 'migration.sql'))) ?? ''
  if (sql.trim() === '') throw new StartupError(`${join(dir, name, 'migration.sql')} is missing or empty: restore it, or delete the folder.`)
  const downSql = await readOptional(join(dir, name, 'down.sql'))
  return { name, sql, downSql, checksum: createHash('sha256').update(sql).digest('hex') }
}

/** Writes the next step and answers its name. */
export async function writeMigration(dir: string, label: string, sql: string, downSql: string): Promise<string> {
  const slug = label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  if (slug === '') throw new StartupError('The migration needs a name of letters or digits: chiron migrate create add_allergies')
  const last = (await readMigrations(dir)).at(-1)
  const number = String(Number(last?.name.slice(0, 4) ?? 0) + 1).padStart(4, '0')
  const name = `${number}_${slug}`
  await mkdir(join(dir, name), { recursive: true })
  await writeFile(join(dir, name, 'migration.sql'), sql)
  await writeFile(join(dir, name, 'down.sql'), downSql)
  return name
}

/** Every `.prisma` file of the schema folder. Throws StartupError when there is none. */
export async function readSchemaFiles(dir: string): Promise<SchemaFile[]> {
  const names = await readdir(dir).catch(() => [])
  const files = names.filter((name) => name.endsWith('.prisma')).sort()
  if (files.length === 0) throw new StartupError(`There is no .prisma file in ${dir}: run this in Chiron's folder.`)
  return Promise.all(files.map(async (name) => ({ path: join(dir, name), content: await readFile(join(dir, name), 'utf8') })))
}

async function readOptional(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  })
}
