import { spawn } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StartupError } from '../startup-error.ts'
import { withClient, withDatabase } from './connection.ts'
import { type EmbeddedDatabase, startEmbedded } from './embedded.ts'
import { isAlive } from './embedded-owner.ts'
import { loadSecrets, prepareDataFolder } from './secrets.ts'

const isRoot = process.getuid?.() === 0
const QUICK = ['fsync=off', 'shared_buffers=16MB']

let folder: string
let dataDir: string
let running: EmbeddedDatabase[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron embedded '))
  // As root the server runs as another user, who must be able to pass through this folder.
  if (isRoot) chmodSync(folder, 0o711)
  dataDir = join(folder, 'data folder')
})

afterEach(async () => {
  for (const database of running) await database.stop()
  running = []
  await rm(folder, { recursive: true, force: true })
})

const start = async () => {
  const database = await startEmbedded({ dataDir, flags: QUICK })
  running.push(database)
  return database
}
const ask = (database: EmbeddedDatabase, sql: string) =>
  withClient(withDatabase(database.adminUrl, 'postgres'), async (client) => Object.values((await client.query<Record<string, string>>(sql)).rows[0] ?? {})[0])
const pidFile = () => join(dataDir, 'postgres', 'postmaster.pid')
const postmaster = async () => Number((await readFile(pidFile(), 'utf8')).split('\n')[0])
const untilDead = async (pid: number) => {
  for (let round = 0; isAlive(pid) && round < 100; round++) await sleep(50)
  expect(isAlive(pid)).toBe(false)
}

describe('startEmbedded', () => {
  it('makes a checksummed UTF-8 cluster that listens on this machine only, and keeps data and port over a restart', async () => {
    const first = await start()
    expect(await ask(first, 'SHOW data_checksums')).toBe('on')
    expect(await ask(first, 'SHOW listen_addresses')).toBe('127.0.0.1')
    expect(await ask(first, 'SHOW server_encoding')).toBe('UTF8')
    expect(await ask(first, "SELECT string_agg(DISTINCT auth_method, ',') FROM pg_hba_file_rules")).toBe('scram-sha-256')
    await ask(first, 'CREATE TABLE kept AS SELECT 42 AS answer')
    await first.stop()
    expect(await stat(pidFile()).catch(() => null)).toBeNull()
    const second = await start()
    expect(second.adminUrl).toBe(first.adminUrl)
    expect(await ask(second, 'SELECT answer::text FROM kept')).toBe('42')
  }, 60_000)

  it('takes another port when its own is taken', async () => {
    const first = await start()
    const port = Number(new URL(first.adminUrl).port)
    await first.stop()
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve))
    try {
      const second = await start()
      expect(Number(new URL(second.adminUrl).port)).not.toBe(port)
      expect(await ask(second, 'SELECT 1::text')).toBe('1')
    } finally {
      await new Promise((resolve) => squatter.close(resolve))
    }
  }, 60_000)

  it('takes over a server that outlived its Chiron, and stops it', async () => {
    await start()
    const pid = await postmaster()
    // A killed process leaves its mark behind: the number of a process that no longer exists.
    await writeFile(join(dataDir, 'owner'), '999999999 1')
    const heir = await start()
    expect(heir.isShared).toBe(false)
    expect(await postmaster()).toBe(pid)
    await heir.stop()
    await untilDead(pid)
  }, 60_000)

  it('leaves a server alone that another living process owns', async () => {
    const owner = await start()
    const program = `const { startEmbedded } = await import(${JSON.stringify(new URL('embedded.ts', import.meta.url).href)})
      const database = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)} }); await database.stop(); database.interrupt(); console.log(database.isShared)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output] = await Promise.all([child.stdout.toArray(), new Promise((resolve) => child.on('exit', resolve))])
    expect(
      Buffer.concat(output as Buffer[])
        .toString()
        .trim(),
    ).toBe('true')
    expect(await ask(owner, 'SELECT 1::text')).toBe('1')
  }, 60_000)

  it('recovers after kill -9 of the whole server', async () => {
    const first = await start()
    await ask(first, 'CREATE TABLE kept AS SELECT 1 AS answer')
    const pid = await postmaster()
    process.kill(pid, 'SIGKILL')
    await untilDead(pid)
    const second = await start()
    expect(await ask(second, 'SELECT answer::text FROM kept')).toBe('1')
  }, 60_000)

  it('is not misled by a pid file whose number another program has now', async () => {
    await (await start()).stop()
    const other = spawn('sleep', ['60'])
    try {
      await writeFile(pidFile(), `${other.pid}\n${join(dataDir, 'postgres')}\n0\n1\n\n127.0.0.1\n`)
      expect(await ask(await start(), 'SELECT 1::text')).toBe('1')
    } finally {
      other.kill()
    }
  }, 60_000)

  it('ends soon after interrupt, without being waited for', async () => {
    const database = await start()
    const pid = await postmaster()
    database.interrupt()
    await untilDead(pid)
    database.interrupt()
  }, 60_000)

  it('says what to do when the secrets of an existing database are gone', async () => {
    await (await start()).stop()
    await rm(join(dataDir, 'secrets.json'))
    await expect(start()).rejects.toThrow(/secrets\.json is missing although .*restore it from your backup/)
  }, 60_000)

  it('says so when the data belongs to another version of PostgreSQL', async () => {
    await (await start()).stop()
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '17\n')
    await expect(start()).rejects.toThrow(/belongs to PostgreSQL 17, but 18 is installed/)
    await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '18\n')
  }, 60_000)

  it("quotes the server's own reason when it does not start", async () => {
    await expect(startEmbedded({ dataDir, flags: ['shared_buffers=nonsense'] })).rejects.toThrow(/did not start: .*shared_buffers.*postgres\.log\)$/)
  }, 60_000)
})

describe.runIf(isRoot)('startEmbedded as root', () => {
  it('keeps the database elsewhere when its user cannot enter the data folder, and sets an ownerless one aside', async () => {
    chmodSync(folder, 0o700)
    const lines: string[] = []
    const first = await startEmbedded({ dataDir, flags: QUICK, notify: (line) => lines.push(line) })
    running.push(first)
    const place = /kept in (\/var\/lib\/chiron\/[0-9a-f]{12}\/postgres)\.$/.exec(lines[0] ?? '')?.[1]
    expect(place).toBeDefined()
    await first.stop()
    await rm(dataDir, { recursive: true })
    const again = await startEmbedded({ dataDir, flags: QUICK, notify: (line) => lines.push(line) })
    running.push(again)
    expect(lines[1]).toMatch(/deleted data folder was set aside in .*orphaned-\d+/)
    await again.stop()
    await rm(join(place ?? '', '..'), { recursive: true })
  }, 60_000)
})

describe('the data folder', () => {
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

  it('is closed to others, and so are its secrets', async () => {
    await prepareDataFolder(dataDir)
    const secrets = await loadSecrets(dataDir)
    expect(await mode(dataDir)).toBe(isRoot ? '711' : '700')
    expect(await mode(join(dataDir, 'secrets.json'))).toBe('600')
    expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length)
    expect(await loadSecrets(dataDir)).toEqual(secrets)
  })

  it('is closed again when someone has opened it', async () => {
    await mkdir(dataDir, { mode: 0o777 })
    await loadSecrets(dataDir)
    chmodSync(dataDir, 0o777)
    chmodSync(join(dataDir, 'secrets.json'), 0o644)
    await prepareDataFolder(dataDir)
    await loadSecrets(dataDir)
    expect(await mode(dataDir)).toBe(isRoot ? '711' : '700')
    expect(await mode(join(dataDir, 'secrets.json'))).toBe('600')
  })

  it('is refused in one line when it is not writable', async () => {
    chmodSync(folder, 0o500)
    // Root may write everywhere, so the attempt is made as `nobody`.
    if (isRoot) chmodSync(folder, 0o555)
    if (isRoot) process.seteuid?.(65_534)
    try {
      const attempt = prepareDataFolder(dataDir)
      await expect(attempt).rejects.toThrow(StartupError)
      await expect(attempt).rejects.toThrow(/is not writable \(EACCES\): set CHIRON_DATA/)
    } finally {
      if (isRoot) process.seteuid?.(0)
      chmodSync(folder, 0o700)
    }
  })

  it('is refused in one line when its secrets are damaged', async () => {
    await prepareDataFolder(dataDir)
    await writeFile(join(dataDir, 'secrets.json'), '{"adminPassword": ')
    await expect(loadSecrets(dataDir)).rejects.toThrow(/secrets\.json is damaged: restore it/)
  })
})
