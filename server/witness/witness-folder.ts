import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Checkpoint,
  createSigner,
  isSignedBy,
  parseCheckpoint,
  parseNote,
  type Signer,
  type Verifier,
  verifierOf,
} from '../../modules/kernel/signed-note.ts'
import { claimOwnership, findOwner, releaseOwnership } from '../database/embedded-owner.ts'
import { errorCode, firstLine, StartupError } from '../startup-error.ts'
import { originHash } from './protocol.ts'

const OWNER_ONLY = 0o600
/** Whoever holds old notes of a log can have each of them noted down; a full disk would stop the witness. */
const EVIDENCE_LIMIT = 1_000

/** The last checkpoint that was cosigned, as note and as what it says. */
export type Cosigned = { readonly note: string; readonly checkpoint: Checkpoint }

// Ownership is kept by process; two witnesses inside one process are told apart here.
const openFolders = new Set<string>()

/**
 * What a witness remembers: its key and, for each log, the last checkpoint that it cosigned. One process at a time; every
 * write is on disk before it returns.
 */
export class WitnessFolder implements AsyncDisposable {
  readonly signer: Signer
  readonly #path: string

  private constructor(path: string, signer: Signer) {
    this.#path = path
    this.signer = signer
  }

  /**
   * Takes the folder, which is made when it is missing, together with a key of its own under `name`. Throws StartupError
   * when another program has it, when it is not writable, or when its key is damaged.
   */
  static async open(path: string, name: string): Promise<WitnessFolder> {
    const real = await prepare(path)
    if (openFolders.has(real) || (await findOwner(real)) === 'other')
      throw new StartupError(`Another witness uses ${path}: stop it, or give this one a folder of its own with --dir.`)
    openFolders.add(real)
    try {
      await claimOwnership(real)
      const signer = createSigner(name, await loadSeed(real))
      return new WitnessFolder(real, signer)
    } catch (error) {
      openFolders.delete(real)
      throw error
    }
  }

  /** The last cosigned checkpoint of a log; null before the first. Throws StartupError when what is stored does not verify. */
  async find(log: Verifier): Promise<Cosigned | null> {
    const path = this.#fileOf(log.name)
    const note = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null
      throw new StartupError(`Cannot read ${path} (${errorCode(error)}): make it readable for the user that runs the witness.`)
    })
    if (note === null) return null
    const checkpoint = this.#verify(note, log)
    // Starting anew in silence would let a forked log through.
    if (!checkpoint)
      throw new StartupError(`${path} does not verify: restore it from your backup, or give --name and --log as before; without it a fork would go unnoticed.`)
    return { note, checkpoint }
  }

  #verify(note: string, log: Verifier): Checkpoint | null {
    try {
      const parsed = parseNote(note)
      const checkpoint = parseCheckpoint(parsed.text)
      return checkpoint.origin === log.name && isSignedBy(parsed, log) && isSignedBy(parsed, verifierOf(this.signer, 4)) ? checkpoint : null
    } catch {
      return null
    }
  }

  /** Replaces the last cosigned checkpoint of a log: whole or not at all, and on disk when it returns. */
  async save(origin: string, note: string): Promise<void> {
    // Two programs that started in the same instant may both have found the folder free: the later one has it.
    if ((await findOwner(this.#path)) !== 'self') throw new Error('the folder of this witness was taken by another program')
    await replaceFile(this.#path, this.#fileOf(origin), note)
  }

  /** Keeps two checkpoints that contradict each other; once for the same two. Answers the file's path, null at the limit. */
  async keepEvidence(kind: string, known: string, offered: string, at: Date): Promise<string | null> {
    const digest = createHash('sha256').update(`${known}\n${offered}`).digest('hex').slice(0, 16)
    const others = (await readdir(this.#path)).filter((name) => name.startsWith('evidence-'))
    const same = others.find((name) => name.endsWith(`-${digest}.txt`))
    if (same !== undefined) return join(this.#path, same)
    if (others.length >= EVIDENCE_LIMIT) return null
    const path = join(this.#path, `evidence-${at.toISOString().replaceAll(/[:.]/g, '')}-${digest}.txt`)
    await replaceFile(this.#path, path, `${kind}\n\n${known}====\n${offered}====\n`)
    return path
  }

  #fileOf(origin: string): string {
    return join(this.#path, `${originHash(origin)}.checkpoint`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if ((await findOwner(this.#path)) === 'self') await releaseOwnership(this.#path)
    openFolders.delete(this.#path)
  }
}

async function prepare(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    const real = await realpath(path)
    // Written in full or not at all: what a crash left half written is not looked at.
    for (const name of await readdir(real)) if (name.endsWith('.tmp')) await rm(join(real, name))
    return real
  } catch (error) {
    throw new StartupError(`The folder ${path} is not writable (${errorCode(error) ?? firstLine(error)}): choose another with --dir, or correct its owner.`, {
      cause: error,
    })
  }
}

async function loadSeed(folder: string): Promise<Buffer> {
  const path = join(folder, 'key')
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw new StartupError(`Cannot read ${path} (${errorCode(error)}): make it readable for the user that runs the witness.`)
  })
  if (text === null) {
    const seed = randomBytes(32)
    await replaceFile(folder, path, `${seed.toString('hex')}\n`)
    return seed
  }
  if (!/^[0-9a-f]{64}\n?$/.test(text)) throw new StartupError(`${path} is damaged: restore it from your backup; nobody trusts another key.`)
  if (((await stat(path)).mode & 0o077) !== 0) throw new StartupError(`${path} can be read by others: chmod 600 ${path}`)
  return Buffer.from(text.trim(), 'hex')
}

async function replaceFile(folder: string, path: string, content: string): Promise<void> {
  const partial = `${path}.${randomBytes(4).toString('hex')}.tmp`
  const file = await open(partial, 'wx', OWNER_ONLY)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, path)
  // The new name itself has to survive a power cut.
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
