import { randomBytes } from 'node:crypto'
import { chmod, open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSecretKey } from './config-secret.ts'
import { errorCode, StartupError } from './startup-error.ts'

const KEY_BYTES = 32
const OWNER_ONLY = 0o600

export type MasterKeySettings = {
  /** CHIRON_MASTER_KEY: keys as hex or base64url, the newest first, separated by commas. */
  readonly value: string | undefined
  /** CHIRON_MASTER_KEY_FILE, absolute: the same, one a line. */
  readonly file: string | undefined
  readonly dataDir: string
  /** The embedded default makes a key of its own; with another database the key is asked for. */
  readonly isEmbedded: boolean
}

/**
 * The master keys that wrap the clinics' keys for before and after images, the newest first: from the environment, from the
 * file that it names, or, with the embedded database, from `<dataDir>/master.key`, which is made on first use. Throws StartupError.
 */
export async function loadMasterKeys({ value, file, dataDir, isEmbedded }: MasterKeySettings): Promise<Uint8Array[]> {
  if (value !== undefined && file !== undefined)
    throw new StartupError('CHIRON_MASTER_KEY and CHIRON_MASTER_KEY_FILE are two places for one thing: set one of them.')
  if (value !== undefined) return parseMasterKeys('CHIRON_MASTER_KEY', value)
  if (file !== undefined) {
    const text = await findText(file)
    if (text === null) throw new StartupError(`The master key file ${file} does not exist: correct CHIRON_MASTER_KEY_FILE.`)
    return parseMasterKeys(file, text)
  }
  if (!isEmbedded)
    throw new StartupError('CHIRON_MASTER_KEY is not set: generate one with: openssl rand -hex 32, and keep a copy apart from the backups of the database.')
  return loadOwnKeys(join(dataDir, 'master.key'))
}

/** Keys separated by commas or lines, the newest first; `name` says in messages where they stand. Throws StartupError. */
export function parseMasterKeys(name: string, text: string): Uint8Array[] {
  const parts = text.split(/[\n,]/).flatMap((part) => part.trim() || [])
  if (parts.length === 0) throw new StartupError(`${name} holds no key: generate one with: openssl rand -hex 32`)
  const keys = parts.map((part) => parseSecretKey(name, part))
  const wrong = keys.find(({ length }) => length !== KEY_BYTES)
  if (wrong)
    throw new StartupError(`${name} has a key of ${wrong.length} bytes, but a master key has exactly ${KEY_BYTES}: generate one with: openssl rand -hex 32`)
  if (new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size < keys.length)
    throw new StartupError(`${name} holds the same key twice: leave one out.`)
  return keys
}

async function loadOwnKeys(path: string): Promise<Uint8Array[]> {
  const text = (await findText(path)) ?? (await createKey(path))
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY)
  return parseMasterKeys(path, text)
}

async function findText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw new StartupError(`Cannot read the master key file ${path} (${errorCode(error)}): make it readable for the user that runs Chiron.`)
  }
}

async function createKey(path: string): Promise<string> {
  const text = `${randomBytes(KEY_BYTES).toString('hex')}\n`
  try {
    // 'wx' so that two processes starting at once cannot each believe in a key of their own.
    const file = await open(path, 'wx', OWNER_ONLY)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    return text
  } catch (error) {
    const other = errorCode(error) === 'EEXIST' ? await findText(path) : null
    if (other !== null) return other
    throw new StartupError(`Cannot write the master key ${path} (${errorCode(error)}): make its folder writable, or set CHIRON_MASTER_KEY_FILE.`)
  }
}
