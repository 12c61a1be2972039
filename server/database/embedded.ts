import { type ChildProcess, spawn } from 'node:child_process'
import { chown, mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { MINUTE_MS } from '../../modules/kernel/time.ts'
import { errorCode, firstLine, StartupError } from '../startup-error.ts'
import { claimOwnership, hasLiveOwner, releaseOwnership } from './embedded-owner.ts'
import { exists, findPlace, type Place, removeFolder, run, serverEnvironment } from './embedded-place.ts'
import { findRunningPort, interruptServer, removeForeignPidFile } from './embedded-running.ts'
import { loadSecrets, prepareDataFolder, type Secrets } from './secrets.ts'

const START_TIMEOUT_MS = MINUTE_MS
const LOG_LIMIT_BYTES = 10_000_000

export type EmbeddedOptions = {
  dataDir: string
  /** Extra server settings, `name=value`; a later one wins. */
  flags?: readonly string[]
  notify?: (line: string) => void
}

export type EmbeddedDatabase = {
  adminUrl: string
  appUrl: string
  auditorUrl: string
  sequencerUrl: string
  tokenSecret: string
  /** Another living Chiron process started this server; `stop` then leaves it running. */
  isShared: boolean
  stop(): Promise<void>
  /** Asks the server to stop and does not wait; for a process that ends right now. */
  interrupt(): void
}

/**
 * Starts PostgreSQL for this data folder on 127.0.0.1 and answers once it accepts connections. A server of the same folder
 * that outlived its Chiron (kill -9) is taken over. Throws StartupError with one line when it cannot start.
 */
export async function startEmbedded({ dataDir, flags = [], notify = () => {} }: EmbeddedOptions): Promise<EmbeddedDatabase> {
  await prepareDataFolder(dataDir)
  const place = await findPlace(dataDir, notify)
  const secrets = await secretsFor(dataDir, place)
  if (!(await exists(join(place.clusterDir, 'PG_VERSION')))) await initialise(place, secrets)
  await assertMajorVersion(place)
  const isShared = await hasLiveOwner(dataDir)
  let port = await findRunningPort(place.clusterDir, (candidate) => isOurs(candidate, secrets, place))
  port ??= await startServer(dataDir, place, secrets, flags)
  if (!isShared) await claimOwnership(dataDir)
  const url = (user: string, password: string) => `postgresql://${user}:${password}@127.0.0.1:${port}/chiron`
  return {
    adminUrl: url('chiron_admin', secrets.adminPassword),
    appUrl: url('chiron_app', secrets.appPassword),
    auditorUrl: url('chiron_auditor', secrets.auditorPassword),
    sequencerUrl: url('chiron_sequencer', secrets.sequencerPassword),
    tokenSecret: secrets.tokenSecret,
    isShared,
    stop: async () => {
      if (isShared) return
      await stopServer(place)
      await releaseOwnership(dataDir)
    },
    interrupt: () => {
      if (!isShared) interruptServer(place.clusterDir)
    },
  }
}

async function secretsFor(dataDir: string, place: Place): Promise<Secrets> {
  const isCluster = await exists(join(place.clusterDir, 'PG_VERSION'))
  if (isCluster && !(await exists(join(dataDir, 'secrets.json')))) {
    throw new StartupError(
      `${join(dataDir, 'secrets.json')} is missing although ${place.clusterDir} exists: restore it from your backup, or move that folder away to begin with an empty database.`,
    )
  }
  return loadSecrets(dataDir)
}

async function initialise(place: Place, secrets: Secrets): Promise<void> {
  // Made aside and renamed, so that an interrupted initdb is never taken for a complete cluster.
  const fresh = `${place.clusterDir}.new`
  await removeFolder(fresh)
  await mkdir(fresh, { recursive: true, mode: 0o700 })
  const secretDir = await mkdtemp(join(tmpdir(), 'chiron-'))
  const passwordFile = join(secretDir, 'password')
  try {
    await writeFile(passwordFile, `${secrets.adminPassword}\n`, { mode: 0o600 })
    if (place.runAs) {
      const { uid, gid } = place.runAs
      await Promise.all([fresh, secretDir, passwordFile].map((path) => chown(path, uid, gid)))
    }
    const outcome = await run(
      join(place.binDir, 'initdb'),
      [
        `--pgdata=${fresh}`,
        '--username=chiron_admin',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        '--data-checksums',
        '--no-instructions',
      ],
      place.runAs,
    )
    if (outcome.code !== 0) throw new StartupError(`The database could not be created in ${place.clusterDir}: ${lastLine(outcome.output)}`)
  } finally {
    await rm(secretDir, { recursive: true, force: true })
  }
  await rename(fresh, place.clusterDir)
}

async function assertMajorVersion(place: Place): Promise<void> {
  const data = (await readFile(join(place.clusterDir, 'PG_VERSION'), 'utf8')).trim()
  const version = await run(join(place.binDir, 'postgres'), ['--version'], place.runAs)
  const program = /(\d+)(?:\.\d+)?/.exec(version.output)?.[1]
  if (version.code !== 0 || program === undefined)
    throw new StartupError(`PostgreSQL does not run here (${lastLine(version.output)}): run npm ci again, or set DATABASE_URL.`)
  if (program !== data)
    throw new StartupError(
      `${place.clusterDir} belongs to PostgreSQL ${data}, but ${program} is installed: use the Chiron version that made it to export it first.`,
    )
}

async function startServer(dataDir: string, place: Place, secrets: Secrets, flags: readonly string[]): Promise<number> {
  await removeForeignPidFile(place.clusterDir)
  const portFile = join(dataDir, 'postgres.port')
  const deadline = Date.now() + START_TIMEOUT_MS
  let problem = ''
  let preferred = Number(await readFile(portFile, 'utf8').catch(() => '0'))
  while (Date.now() < deadline) {
    const port = await freePort(preferred)
    problem = await attemptStart({ dataDir, place, secrets, flags, port, deadline })
    if (problem === '') {
      await writeFile(portFile, String(port), { mode: 0o600 })
      return port
    }
    const isPortTaken = problem.includes('Address already in use') || problem.includes('could not create any TCP/IP sockets')
    // Backends of a killed server need a moment to notice that their postmaster is gone.
    const isStillEnding = problem.includes('shared memory block') || problem.includes('lock file "postmaster.pid" already exists')
    if (!isPortTaken && !isStillEnding) break
    if (isPortTaken) preferred = 0
    await sleep(300)
  }
  throw new StartupError(`The embedded PostgreSQL did not start: ${problem} (log: ${join(dataDir, 'postgres.log')})`)
}

type Attempt = {
  dataDir: string
  place: Place
  secrets: Secrets
  flags: readonly string[]
  port: number
  deadline: number
}

/** Answers the empty string when the server accepts connections, else the server's own explanation. */
async function attemptStart({ dataDir, place, secrets, flags, port, deadline }: Attempt): Promise<string> {
  const logPath = join(dataDir, 'postgres.log')
  const size = (await stat(logPath).catch(() => null))?.size ?? 0
  if (size > LOG_LIMIT_BYTES) await rename(logPath, `${logPath}.1`)
  const log = await open(logPath, 'a', 0o600)
  const from = (await log.stat()).size
  const settings = [...baseSettings(port), ...flags].flatMap((setting) => ['-c', setting])
  // Its own session: Ctrl-C reaches the whole foreground group, and the database must outlive the server's drain.
  const child: ChildProcess = spawn(join(place.binDir, 'postgres'), ['-D', place.clusterDir, ...settings], {
    ...place.runAs,
    cwd: '/',
    env: serverEnvironment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  })
  let ended = ''
  child.on('error', (error) => (ended = firstLine(error)))
  child.on('exit', (code, signal) => (ended = `it ended with ${signal ?? `code ${code}`}`))
  child.unref()
  await log.close()
  while (ended === '' && Date.now() < deadline) {
    if (await isOurs(port, secrets, place)) return ''
    await sleep(50)
  }
  if (ended === '') child.kill('SIGINT')
  const text = (await readFile(logPath)).subarray(from).toString()
  return fatalLine(text) ?? (ended || `no answer within ${START_TIMEOUT_MS / 1000} s`)
}

function baseSettings(port: number): string[] {
  return [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=100',
    'timezone=UTC',
    'log_timezone=UTC',
    'shared_preload_libraries=pg_stat_statements',
    'max_prepared_transactions=0',
    'jit=off',
    // The log must not hold personal data: no statement texts, no parameters, no DETAIL with key values.
    'log_min_error_statement=panic',
    'log_error_verbosity=terse',
    'log_parameter_max_length=0',
    'log_statement=none',
  ]
}

async function isOurs(port: number, secrets: Secrets, place: Place): Promise<boolean> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'chiron_admin',
    password: secrets.adminPassword,
    database: 'postgres',
    connectionTimeoutMillis: 5000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory')
    return rows[0]?.data_directory === place.clusterDir
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

async function stopServer(place: Place): Promise<void> {
  const outcome = await run(join(place.binDir, 'pg_ctl'), ['stop', '-D', place.clusterDir, '-m', 'fast', '-w', '-t', '60', '-s'], place.runAs)
  if (outcome.code !== 0 && (await exists(join(place.clusterDir, 'postmaster.pid')))) throw new Error(`PostgreSQL did not stop: ${lastLine(outcome.output)}`)
}

async function freePort(preferred: number): Promise<number> {
  try {
    return await bindOnce(preferred)
  } catch (error) {
    if (errorCode(error) === 'EADDRINUSE' || errorCode(error) === 'EACCES') return bindOnce(0)
    throw error
  }
}

function bindOnce(port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const server = createServer()
  server.once('error', reject)
  server.listen({ port, host: '127.0.0.1' }, () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port))
  })
  return promise
}

function fatalLine(text: string): string | null {
  const lines = text.split('\n').filter((line) => /FATAL|PANIC|could not/.test(line))
  return lines.length === 0 ? null : lines.map((line) => line.replace(/^.*?(FATAL|PANIC|LOG|WARNING):\s*/, '')).join('; ')
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
