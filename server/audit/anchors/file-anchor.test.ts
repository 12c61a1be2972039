import { appendFile, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TestLog } from '../../../test/test-log.ts'
import type { Exclusive } from './anchor.ts'
import { FileAnchor } from './file-anchor.ts'

let folder: string
let log: TestLog

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chiron-anchors-'))
  log = new TestLog()
  written = []
})
afterEach(() => rm(folder, { recursive: true }))

/** What audit.anchor says was written before: sizes by file. */
let written: { size: string }[]
// The hashes come from memory: the connection answers that one question alone.
const take: Exclusive = (work) => {
  const client = new pg.Client()
  Object.assign(client, { query: async () => ({ rows: written }) })
  return work(client)
}
const hashes = (of: TestLog) => () => of.hashes

describe('FileAnchor', () => {
  const path = () => join(folder, 'deep/spine.log')
  const anchored = async (of: TestLog, size: number) => new FileAnchor(path(), hashes(of)).anchor(take, of.publish(size))

  it('adds each note with a line after it, and knows the last one after a restart', async () => {
    expect(await new FileAnchor(path(), hashes(log)).findLast()).toBeNull()
    for (const size of [1, 5, 9]) await anchored(log, size)
    expect(await readFile(path(), 'utf8')).toBe([1, 5, 9].map((size) => `${log.publish(size).note}====\n`).join(''))
    expect(await new FileAnchor(path(), hashes(log)).findLast()).toEqual(log.publish(9))
    expect((await stat(path())).mode & 0o777).toBe(0o600)
  })

  it('writes nothing when nothing has happened', async () => {
    await anchored(log, 5)
    const before = await readFile(path(), 'utf8')
    await anchored(log, 5)
    expect(await readFile(path(), 'utf8')).toBe(before)
  })

  it('takes no file for a new one that was emptied or removed', async () => {
    written = [{ size: '9' }]
    await expect(anchored(log, 10)).rejects.toMatchObject({ code: 'DAMAGED', message: expect.stringContaining('size 9') })
    await mkdir(join(folder, 'deep'))
    await writeFile(path(), '')
    await expect(anchored(log, 10)).rejects.toMatchObject({ code: 'DAMAGED' })
    written = []
    await anchored(log, 10)
  })

  it('does not go backwards', async () => {
    await anchored(log, 9)
    await expect(anchored(log, 5)).rejects.toMatchObject({ code: 'AHEAD' })
    expect((await new FileAnchor(path(), hashes(log)).findLast())?.size).toBe(9n)
  })

  it('notices another history, of the same size or grown longer', async () => {
    await anchored(log, 9)
    await expect(anchored(log.fork(3), 9)).rejects.toMatchObject({ code: 'FORKED' })
    await expect(anchored(log.fork(3), 20)).rejects.toMatchObject({ code: 'FORKED' })
    // What differs only after the last checkpoint is this log's own business.
    await anchored(log.fork(9), 20)
    expect((await new FileAnchor(path(), hashes(log)).findLast())?.size).toBe(20n)
  })

  it('passes over a write that was torn anywhere, and goes on without touching what is there', async () => {
    await anchored(log, 5)
    const { length } = await readFile(path())
    const whole = Buffer.from(`${log.publish(9).note}====\n`)
    for (let cut = 1; cut < whole.length; cut += 7) {
      await truncate(path(), length)
      await appendFile(path(), whole.subarray(0, cut))
      const torn = await readFile(path(), 'utf8')
      expect((await new FileAnchor(path(), hashes(log)).findLast())?.size).toBe(5n)
      await anchored(log, 12)
      expect((await readFile(path(), 'utf8')).startsWith(torn)).toBe(true)
      expect(await new FileAnchor(path(), hashes(log)).findLast()).toEqual(log.publish(12))
    }
  })

  it('goes on after a very first write that was torn', async () => {
    await mkdir(join(folder, 'deep'))
    await writeFile(path(), log.publish(5).note.slice(0, 30))
    await anchored(log, 5)
    expect(await new FileAnchor(path(), hashes(log)).findLast()).toEqual(log.publish(5))
  })

  it('reads only the end of a long file', async () => {
    await anchored(log, 5)
    await appendFile(path(), `${log.publish(6).note}====\n`.repeat(4_000))
    await anchored(log, 7)
    expect((await new FileAnchor(path(), hashes(log)).findLast())?.size).toBe(7n)
  })

  it('does not take a file of something else for an empty one', async () => {
    await mkdir(join(folder, 'deep'))
    await writeFile(path(), 'a diary\n====\n')
    await expect(anchored(log, 5)).rejects.toMatchObject({ code: 'DAMAGED' })
    expect(await readFile(path(), 'utf8')).toBe('a diary\n====\n')
  })

  it('says why it cannot write', async () => {
    await writeFile(join(folder, 'deep'), 'a file where a folder should be')
    await expect(anchored(log, 5)).rejects.toMatchObject({ code: 'NOT_WRITABLE' })
    await rm(join(folder, 'deep'))
    await mkdir(path(), { recursive: true })
    await expect(anchored(log, 5)).rejects.toMatchObject({ code: 'NOT_WRITABLE', message: 'EISDIR' })
  })

  it('says that a folder is read-only', async () => {
    // A file system in which nobody creates files, whoever runs the tests.
    await expect(new FileAnchor('/sys/spine.log', hashes(log)).anchor(take, log.publish(5))).rejects.toMatchObject({ code: 'NOT_WRITABLE' })
  })
})
