import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadMasterKeys, parseMasterKeys } from './config-keys.ts'
import { StartupError } from './startup-error.ts'

const newest = randomBytes(32)
const older = randomBytes(32)
const hex = newest.toString('hex')
const base64 = older.toString('base64url')

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chiron-keys-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const settings = (over: Partial<Parameters<typeof loadMasterKeys>[0]> = {}) => ({ value: undefined, file: undefined, dataDir: dir, isEmbedded: true, ...over })

describe('master keys', () => {
  it.each([`${hex},${base64}`, `${hex} , ${base64}`, `${hex}\n${base64}\n`, `\n${hex}\n\n${base64}`])(
    'are read as hex or base64url, newest first: %j',
    (text) => {
      expect(parseMasterKeys('X', text).map((key) => Buffer.from(key))).toEqual([newest, older])
    },
  )

  it.each([
    ['nothing', ' , ', /^X holds no key/],
    ['a short key', hex.slice(2), /^X has 31 bytes, but needs 32/],
    ['a long key', `${hex}00`, /^X has a key of 33 bytes, but a master key has exactly 32/],
    ['another alphabet', `${hex.slice(1)}!`, /^X is neither hex nor base64url/],
    ['one byte over and over', '11'.repeat(32), /^X repeats itself/],
    ['an example', 'change-me-change-me-change-me-change-me-change', /^X is an example/],
    ['the same key twice', `${hex},${newest.toString('base64url')}`, /^X holds the same key twice/],
  ])('are refused: %s', (_case, text, message) => {
    expect(() => parseMasterKeys('X', text)).toThrow(StartupError)
    expect(() => parseMasterKeys('X', text)).toThrow(message)
  })

  it('come from the environment before anything else, and leave no file', async () => {
    expect(await loadMasterKeys(settings({ value: hex }))).toEqual([new Uint8Array(newest)])
    await expect(stat(join(dir, 'master.key'))).rejects.toThrow(/ENOENT/)
  })

  it('come from the file that the environment names', async () => {
    const file = join(dir, 'given')
    await writeFile(file, `${base64}\n`)
    expect(await loadMasterKeys(settings({ file, isEmbedded: false }))).toEqual([new Uint8Array(older)])
    await expect(loadMasterKeys(settings({ file: join(dir, 'gone') }))).rejects.toThrow(/gone does not exist: correct CHIRON_MASTER_KEY_FILE/)
    await expect(loadMasterKeys(settings({ file: dir }))).rejects.toThrow(/Cannot read the master key file/)
    await expect(loadMasterKeys(settings({ file, value: hex }))).rejects.toThrow(/set one of them/)
  })

  it('must be given for a database of one’s own', async () => {
    await expect(loadMasterKeys(settings({ isEmbedded: false }))).rejects.toThrow(/^CHIRON_MASTER_KEY is not set: generate one/)
  })

  it('are made for the embedded database on first use, for its owner alone, and stay the same', async () => {
    const [first, second] = await Promise.all([loadMasterKeys(settings()), loadMasterKeys(settings())])
    expect(first).toEqual(second)
    expect(first[0]).toHaveLength(32)
    const path = join(dir, 'master.key')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await chmod(path, 0o644)
    expect(await loadMasterKeys(settings())).toEqual(first)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await readFile(path, 'utf8')).trim()).toBe(Buffer.from(first[0] ?? []).toString('hex'))
    await expect(loadMasterKeys(settings({ dataDir: join(dir, 'nowhere') }))).rejects.toThrow(/Cannot write the master key/)
  })
})
