import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ClientBase } from 'pg'
import { createSigner, type Signer } from '../../../modules/kernel/signed-note.ts'
import { errorCode, StartupError } from '../../startup-error.ts'

const SEED_BYTES = 32

/**
 * The seed of the key that signs checkpoints: 32 bytes as base64 in a file of mode 0600, made on first use. Only the sequencer's
 * process reads it. Throws StartupError when it is damaged or open to others.
 */
export async function loadSigningSeed(path: string): Promise<Buffer> {
  return (await readSeed(path)) ?? (await createSeed(path))
}

async function readSeed(path: string): Promise<Buffer | null> {
  try {
    const seed = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
    if (seed.length !== SEED_BYTES)
      throw new StartupError(`${path} is damaged: restore it from your backup; a new key would make every old checkpoint unverifiable.`)
    if (((await stat(path)).mode & 0o077) !== 0) throw new StartupError(`${path} can be read by others, who could then sign in this log's name: chmod 600 it.`)
    return seed
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    if (error instanceof StartupError) throw error
    throw new StartupError(`Cannot read the signing key ${path} (${errorCode(error)}): make it readable for the user that runs Chiron.`)
  }
}

async function createSeed(path: string): Promise<Buffer> {
  const seed = randomBytes(SEED_BYTES)
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${seed.toString('base64')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    // Under its name it is whole from the first moment: another process may be reading.
    await link(draft, path)
    return seed
  } catch (error) {
    // Another process was quicker; its key is the one.
    const other = errorCode(error) === 'EEXIST' ? await readSeed(path) : null
    if (other) return other
    throw new StartupError(
      `Cannot write the signing key ${path} (${errorCode(error)}): make its folder writable, on a file system with hard links, or set CHIRON_AUDIT_KEY_FILE.`,
    )
  } finally {
    await rm(draft, { force: true })
  }
}

/** Who signs: one key under the names of the installation's logs. */
export type LogSigner = { readonly installationId: string; readonly signerOf: (origin: string) => Signer }

/**
 * Binds the key to the installation: the first key that signs is remembered, and another one is refused, because nobody could
 * tell its checkpoints from a forgery. Throws StartupError.
 */
export async function bindSigner(client: ClientBase, seed: Uint8Array): Promise<LogSigner> {
  const { publicKey } = createSigner('any', seed)
  await client.query('UPDATE audit.installation SET public_key = $1 WHERE public_key IS NULL', [publicKey])
  const { rows } = await client.query<{ id: string; public_key: Buffer }>('SELECT id, public_key FROM audit.installation')
  const [installation] = rows
  if (!installation?.public_key.equals(publicKey))
    throw new StartupError('This signing key is not the one that has signed this log so far: restore the key file from your backup (CHIRON_AUDIT_KEY_FILE).')
  const signers = new Map<string, Signer>()
  return {
    installationId: installation.id,
    signerOf: (origin) => {
      const known = signers.get(origin) ?? createSigner(origin, seed)
      signers.set(origin, known)
      return known
    },
  }
}
