import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ClientBase } from 'pg'
import { rootAt, type SubtreeHashes } from '../../../modules/kernel/merkle.ts'
import { NoteError, parseCheckpoint, parseNote } from '../../../modules/kernel/signed-note.ts'
import { errorCode, firstLine } from '../../startup-error.ts'
import type { Published } from '../sequencer/publish.ts'
import { type Anchor, AnchorError, type Exclusive } from './anchor.ts'

const SEPARATOR = '====\n'
/** No note is nearly as long. */
const TAIL_BYTES = 256 * 1024
const EVERY_MS = 5_000

/**
 * A file that only grows: each note, then a line `====`. Best on another machine's disk, or with the append-only attribute:
 * it is never truncated, not even to mend a write that a crash has torn; the torn part is closed with a line of its own
 * and passed over by readers.
 */
export class FileAnchor implements Anchor {
  readonly kind = 'file'
  readonly target: string
  readonly everyMs: number
  readonly #hashes: (client: ClientBase) => SubtreeHashes

  /** `hashes` reads the spine's perfect subtrees through the connection given. */
  constructor(path: string, hashes: (client: ClientBase) => SubtreeHashes, everyMs = EVERY_MS) {
    this.target = path
    this.everyMs = everyMs
    this.#hashes = hashes
  }

  /** The last complete checkpoint in the file; null when there is none. Throws AnchorError when the file cannot be read. */
  async findLast(): Promise<Published | null> {
    return (await this.#read()).last
  }

  async anchor(database: Exclusive, published: Published): Promise<void> {
    const { last, isTorn } = await this.#read()
    if (last) await this.#compare(database, last, published)
    else await this.#assertNeverWritten(database)
    if (last?.size === published.size) return
    await this.#append(`${isTorn ? `\n${SEPARATOR}` : ''}${published.note}${SEPARATOR}`)
  }

  /** A file that was emptied or removed is no new one: what it remembered is what somebody wanted to be forgotten. */
  async #assertNeverWritten(database: Exclusive): Promise<void> {
    const { rows } = await database((client) =>
      client.query<{ size: string }>("SELECT size FROM audit.anchor WHERE kind = 'file' AND target = $1 AND size > 0", [this.target]),
    )
    const [known] = rows
    if (known)
      throw new AnchorError(
        'DAMAGED',
        `the file is gone or empty, but held a checkpoint of size ${known.size}: restore it, or name another file with CHIRON_ANCHOR_FILE`,
      )
  }

  async #compare(database: Exclusive, last: Published, published: Published): Promise<void> {
    const { size } = last
    if (size > published.size) throw new AnchorError('AHEAD', `the file holds a checkpoint of size ${size}, the log has only ${published.size}`)
    const root = size === published.size ? published.root : await database((client) => rootAt(size, this.#hashes(client)))
    if (!root.equals(last.root)) throw new AnchorError('FORKED', `the file holds another root for size ${size} than the log has now`)
  }

  async #read(): Promise<{ last: Published | null; isTorn: boolean }> {
    const tail = await this.#readTail()
    const blocks = tail.split(`\n${SEPARATOR}`)
    const isTorn = blocks.pop() !== ''
    for (const block of blocks.toReversed()) {
      const last = readBlock(`${block}\n`)
      if (last) return { last, isTorn }
    }
    // Overwriting the memory of an anchor by taking it for empty is what an attacker would want.
    if (blocks.length > 0) throw new AnchorError('DAMAGED', 'the file has content, but no checkpoint that can be read')
    return { last: null, isTorn }
  }

  async #readTail(): Promise<string> {
    let file: FileHandle
    try {
      file = await open(this.target, 'r')
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return ''
      throw notWritable(error)
    }
    try {
      const { size } = await file.stat()
      const length = Math.min(size, TAIL_BYTES)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length)
      return buffer.toString('utf8', 0, bytesRead)
    } catch (error) {
      throw notWritable(error)
    } finally {
      await file.close()
    }
  }

  async #append(text: string): Promise<void> {
    try {
      await mkdir(dirname(this.target), { recursive: true, mode: 0o700 })
      const file = await open(this.target, 'a', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      // A new file survives a power cut only when its folder is written too.
      const folder = await open(dirname(this.target), 'r')
      try {
        await folder.sync()
      } finally {
        await folder.close()
      }
    } catch (error) {
      throw notWritable(error)
    }
  }
}

function readBlock(note: string): Published | null {
  try {
    const { size, root } = parseCheckpoint(parseNote(note).text)
    return { size, root, note }
  } catch (error) {
    if (error instanceof NoteError) return null
    throw error
  }
}

function notWritable(error: unknown): AnchorError {
  return new AnchorError('NOT_WRITABLE', errorCode(error) ?? firstLine(error), { cause: error })
}
