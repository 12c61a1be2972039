import { createHash } from 'node:crypto'
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isUuid } from '../../modules/kernel/ids.ts'

/**
 * Where the results of exports lie: `<data>/exports/<id>.<attempt>`, readable by the server's own user alone. On this host only, so
 * with several hosts the job and the download must meet on one, or the folder must be shared.
 */
export class ExportFiles {
  readonly #folder: string

  constructor(dataDir: string) {
    this.#folder = join(dataDir, 'exports')
  }

  /**
   * The path of a finished file. Each run has its own, so that one that was given up cannot write over the one that counts. Throws
   * for an id that is none: it becomes part of a path.
   */
  path(id: string, attempt: number): string {
    if (!isUuid(id)) throw new Error('not an id')
    return join(this.#folder, `${id}.${attempt}`)
  }

  /** Size in bytes; null when there is no such file. */
  async size(id: string, attempt: number): Promise<number | null> {
    const found = await stat(this.path(id, attempt)).catch(() => null)
    return found?.isFile() ? found.size : null
  }

  /**
   * Writes a file piece by piece under a name of its own and puts it in place once it is whole and on the disk. `confirm`
   * decides whether it may be: false, or a failure, leaves nothing behind.
   */
  async write(
    id: string,
    attempt: number,
    pieces: AsyncIterable<string | Uint8Array>,
    confirm: (file: { sizeBytes: number; sha256: string }) => Promise<boolean>,
  ): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    // An older folder, or a mask that took less away.
    await chmod(this.#folder, 0o700)
    const path = this.path(id, attempt)
    const part = `${path}.part`
    try {
      const written = await writePieces(part, pieces)
      // In place before it is announced: a file that nobody knows is swept, an announced one that is missing is a broken promise.
      await rename(part, path)
      if (!(await confirm(written))) await rm(path, { force: true })
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
  }

  /** Removes the files of every run of an export. */
  async remove(id: string): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) if (name.startsWith(`${id}.`)) await rm(join(this.#folder, name), { force: true })
  }

  /** Removes what nobody has touched since `before`: files of runs that died, and those whose week was over unseen. */
  async sweep(before: Date): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names) {
      const path = join(this.#folder, name)
      const found = await stat(path).catch(() => null)
      if (found?.isFile() && found.mtime < before) await rm(path, { force: true })
    }
  }
}

async function writePieces(path: string, pieces: AsyncIterable<string | Uint8Array>): Promise<{ sizeBytes: number; sha256: string }> {
  await using file = await open(path, 'w', 0o600)
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    hash.update(bytes)
    sizeBytes += bytes.length
    await file.writeFile(bytes)
  }
  await file.sync()
  return { sizeBytes, sha256: hash.digest('hex') }
}
