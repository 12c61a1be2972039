import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { mkdtemp, open, rm, rmdir, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A filesystem of a few megabytes in memory. Needs root, and says so: without it nothing could be shown. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async mount(megabytes: number): Promise<SmallDisk> {
    if (process.getuid?.() !== 0)
      throw new Error('A full disk needs a small filesystem of its own, which only root may mount: run `npm run faults` as root, on Linux.')
    const path = await mkdtemp(join(tmpdir(), 'chiron-small-disk-'))
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'chiron-faults', path]).catch(async (error: unknown) => {
      await rmdir(path)
      throw new Error('mount -t tmpfs failed: a container needs the capability SYS_ADMIN for it.', { cause: error })
    })
    chmodSync(path, 0o711)
    return new SmallDisk(path)
  }

  /** Takes all space but this much. */
  async fill(bytesLeft: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path)
    const file = await open(join(this.path, 'ballast'), 'a')
    try {
      const block = Buffer.alloc(65_536, 1)
      for (let left = bavail * bsize - bytesLeft; left > 0; left -= block.length) await file.write(block, 0, Math.min(left, block.length))
    } catch (error) {
      // The database took the rest first, which is what was wanted.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    } finally {
      await file.close()
    }
  }

  async free(): Promise<void> {
    await rm(join(this.path, 'ballast'), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', ['--lazy', this.path])
    await rmdir(this.path)
  }
}
