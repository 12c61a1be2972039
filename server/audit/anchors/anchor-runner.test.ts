import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formatVerifierKey, parseCheckpoint, parseNote, verifierOf } from '../../../modules/kernel/signed-note.ts'
import { TEMPLATE } from '../../../test/global-setup.ts'
import { mailPart, OutsideWorld } from '../../../test/outside-world.ts'
import { type ClonedDatabase, cloneDatabase } from '../../../test/postgres.ts'
import { TestLog } from '../../../test/test-log.ts'
import { parseAnchorMail } from '../../config-audit.ts'
import { withClient } from '../../database/connection.ts'
import { createLog } from '../../log.ts'
import { extendSpine } from '../sequencer/publish.ts'
import { bindSigner } from '../sequencer/signing-key.ts'
import { inTransaction } from '../sequencer/transaction.ts'
import type { Anchor } from './anchor.ts'
import { AnchorRunner } from './anchor-runner.ts'
import { createAnchorTask } from './anchor-task.ts'
import { FileAnchor } from './file-anchor.ts'
import { WitnessAnchor } from './witness-anchor.ts'

let database: ClonedDatabase
let client: pg.Client
let folder: string
let log: TestLog
let outside: OutsideWorld

beforeAll(async () => {
  database = await cloneDatabase(TEMPLATE)
})
afterAll(() => database.drop())

beforeEach(async () => {
  client = new pg.Client({ connectionString: database.sequencerUrl })
  await client.connect()
  folder = await mkdtemp(join(tmpdir(), 'chiron-anchors-'))
  log = new TestLog()
  outside = new OutsideWorld()
})
afterEach(async () => {
  await outside[Symbol.asyncDispose]()
  await client.end()
  await rm(folder, { recursive: true })
})

const hashes = (of: TestLog) => () => of.hashes
const anchorRows = async (kind: string) =>
  (await client.query('SELECT target, size::int, anchored_at, tried_at, error FROM audit.anchor WHERE kind = $1 ORDER BY tried_at DESC', [kind])).rows
const cosignatures = async (name: string) =>
  (await client.query<{ size: string }>('SELECT size FROM audit.cosignature WHERE witness = $1 ORDER BY size', [name])).rows

describe('AnchorRunner', () => {
  const start = new Date('2026-11-21T00:00:00Z')
  const later = (seconds: number) => new Date(start.getTime() + seconds * 1_000)
  let alarms: string[]
  const runners: AnchorRunner[] = []
  afterEach(async () => {
    for (const runner of runners.splice(0)) await runner[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    alarms = []
    await withClient(database.adminUrl, (admin) => admin.query('DELETE FROM audit.anchor'))
  })
  const runnerOf = (anchors: readonly Anchor[], patienceMs = 100) => {
    const runner = new AnchorRunner(anchors, { alarm: (anchor, error) => void alarms.push(`${anchor?.kind ?? 'database'}: ${error}`), patienceMs })
    runners.push(runner)
    return runner
  }
  /** An anchor that does as told and counts. */
  function planned(work: Anchor['anchor'], everyMs = 60_000, target = 'somewhere') {
    const seen: bigint[] = []
    const anchor: Anchor = {
      kind: 'file',
      target,
      everyMs,
      anchor: (exclusive, published, signal) => {
        seen.push(published.size)
        return work(exclusive, published, signal)
      },
    }
    return { anchor, seen }
  }

  it('anchors what is due, in a file and with a witness, and reports it', async () => {
    const { url, verifier } = await outside.startWitness([verifierOf(log.signer)], folder, 'w-runner')
    const path = join(folder, 'spine.log')
    const runner = runnerOf([new FileAnchor(path, hashes(log)), new WitnessAnchor({ url, verifier, hashes: hashes(log) })], 3_000)
    await runner.run(client, log.publish(3), start)
    expect(await anchorRows('file')).toEqual([{ target: path, size: 3, anchored_at: start, tried_at: start, error: null }])
    expect(await anchorRows('witness')).toEqual([{ target: url, size: 3, anchored_at: start, tried_at: start, error: null }])
    await runner.run(client, log.publish(9), later(40))
    expect((await anchorRows('file'))[0]).toMatchObject({ size: 9, anchored_at: later(40) })
    expect((await cosignatures('w-runner')).map(({ size }) => size)).toEqual(['3', '9'])
    expect(alarms).toEqual([])
  })

  it('leaves alone what is not due, also in another process', async () => {
    const { anchor, seen } = planned(async () => {})
    const runner = runnerOf([anchor])
    await runner.run(client, log.publish(1), start)
    await runner.run(client, log.publish(2), later(59))
    await runnerOf([anchor]).run(client, log.publish(3), later(59))
    expect(seen).toEqual([1n])
    await runner.run(client, log.publish(4), later(60))
    expect(seen).toEqual([1n, 4n])
    // A clock that was set back by a day silences nobody.
    await runner.run(client, log.publish(5), later(-86_400))
    expect(seen).toEqual([1n, 4n, 5n])
  })

  it('reports a failure, keeps what was anchored last, and tries again sooner than a day', async () => {
    let isBroken = false
    const daily = planned(async () => {
      if (isBroken) throw new Error('the disk\nis full')
    }, 86_400_000)
    const runner = runnerOf([daily.anchor])
    await runner.run(client, log.publish(1), start)
    isBroken = true
    await runner.run(client, log.publish(2), later(86_400))
    expect(await anchorRows('file')).toEqual([{ target: 'somewhere', size: 1, anchored_at: start, tried_at: later(86_400), error: 'FAILED: the disk' }])
    await runner.run(client, log.publish(3), later(86_400 + 60))
    expect(daily.seen).toEqual([1n, 2n])
    isBroken = false
    await runner.run(client, log.publish(4), later(86_400 + 900))
    expect(await anchorRows('file')).toEqual([{ target: 'somewhere', size: 4, anchored_at: later(87_300), tried_at: later(87_300), error: null }])
    expect(alarms).toEqual(['file: FAILED: the disk'])
  })

  it('does not let one anchor keep the others from their work', async () => {
    const broken = planned(() => Promise.reject(new Error('broken')), 60_000, 'broken')
    const throwing = planned(
      () => {
        throw new Error('at once')
      },
      60_000,
      'throwing',
    )
    const good = planned(async () => {}, 60_000, 'good')
    await runnerOf([broken.anchor, throwing.anchor, good.anchor]).run(client, log.publish(1), start)
    expect((await anchorRows('file')).map(({ target, error }) => [target, error]).sort()).toEqual([
      ['broken', 'FAILED: broken'],
      ['good', null],
      ['throwing', 'FAILED: at once'],
    ])
  })

  it('does not wait for what takes long: it ends alone and is reported later', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow = planned(() => promise)
    const runner = runnerOf([slow.anchor])
    await runner.run(client, log.publish(1), start)
    expect((await anchorRows('file'))[0]).toMatchObject({ size: 0, anchored_at: null, error: 'TIMEOUT: still trying' })
    await runner.run(client, log.publish(2), later(120))
    expect(slow.seen).toEqual([1n])
    resolve()
    await promise
    await runner.run(client, log.publish(3), later(121))
    expect((await anchorRows('file'))[0]).toMatchObject({ size: 1, anchored_at: start, error: null })
    expect(alarms).toEqual(['file: TIMEOUT: still trying'])
  })

  it('gives nobody the connection once it has returned', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const late = planned(async (exclusive) => {
      await promise
      await exclusive((connection) => connection.query('SELECT 1'))
    })
    const runner = runnerOf([late.anchor])
    await runner.run(client, log.publish(1), start)
    resolve()
    await runner.run(client, log.publish(1), later(1))
    await runner.run(client, log.publish(1), later(2))
    expect((await anchorRows('file'))[0]).toMatchObject({ error: 'TIMEOUT: it took too long' })
  })

  it('lets anchors use the connection one after the other', async () => {
    let inside = 0
    const work: Anchor['anchor'] = async (exclusive) =>
      exclusive(async (connection) => {
        inside += 1
        expect(inside).toBe(1)
        await connection.query('SELECT pg_sleep(0.01)')
        inside -= 1
      })
    await runnerOf(
      ['a', 'b', 'c'].map((target) => planned(work, 60_000, target).anchor),
      3_000,
    ).run(client, log.publish(1), start)
    expect((await anchorRows('file')).map(({ error }) => error)).toEqual([null, null, null])
  })

  it('does not throw when the database is gone, and says so', async () => {
    const { anchor } = planned(async () => {})
    const gone = new pg.Client({ connectionString: database.sequencerUrl })
    gone.on('error', () => {})
    await gone.connect()
    await gone.end()
    await runnerOf([anchor]).run(gone, log.publish(1), start)
    expect(alarms).toEqual([expect.stringMatching(/^database: /)])
  })

  it('has noted an attempt before it begins: a process that dies of it does not try at every start', async () => {
    let triedAt: unknown
    const { anchor } = planned(async (exclusive) => {
      const { rows } = await exclusive((connection) => connection.query('SELECT tried_at FROM audit.anchor'))
      triedAt = rows[0]?.tried_at
    })
    await runnerOf([anchor]).run(client, log.publish(1), start)
    expect(triedAt).toEqual(start)
  })

  it('ends what is under way when it is disposed of', async () => {
    const ended: string[] = []
    const { anchor } = planned(
      (_exclusive, _published, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            ended.push('aborted')
            resolve()
          })
        }),
    )
    const runner = runnerOf([anchor])
    await runner.run(client, log.publish(1), start)
    await runner[Symbol.asyncDispose]()
    expect(ended).toEqual(['aborted'])
  })
})

describe('the anchor task', () => {
  it('carries the real spine to a file, a witness and a mailbox', async () => {
    const signer = await bindSigner(client, Buffer.alloc(32, 9))
    const spine = signer.signerOf(`chiron/${signer.installationId}/spine`)
    const { url, verifier } = await outside.startWitness([verifierOf(spine)], folder, 'w-real')
    const { port, mails } = await outside.startMailServer()
    const file = join(folder, 'spine.log')
    const mail = parseAnchorMail({ CHIRON_ANCHOR_MAIL: 'ana@x.example', SMTP_URL: `smtp://127.0.0.1:${port}`, MAIL_FROM: 'c@x.example' })
    const settings = { file, witnesses: [{ url, key: formatVerifierKey(verifier) }], mail }
    const lines: string[] = []
    const context = { client, signer, log: createLog('error', { write: (line) => void lines.push(line) }), published: null }

    // Nothing is published yet, so there is nothing to anchor.
    await createAnchorTask(settings).run(context)
    await expect(stat(file)).rejects.toThrow('ENOENT')

    const grow = (count: number) =>
      inTransaction(client, () =>
        extendSpine(
          client,
          signer,
          [],
          Array.from({ length: count }, (_, n) => ({ kind: 'head', n })),
        ),
      )
    await grow(300)
    const task = createAnchorTask(settings)
    await task.run(context)
    expect(lines).toEqual([])
    const source = mailPart(mails[0]?.source ?? '', 'text/plain; charset=utf-8; name=checkpoint.txt')
    expect(parseCheckpoint(parseNote(source).text).size).toBe(300n)

    const published = await grow(213)
    // The next day comes sooner when the last attempts are made older.
    await withClient(database.adminUrl, (admin) =>
      admin.query("UPDATE audit.anchor SET tried_at = tried_at - interval '1 day', anchored_at = anchored_at - interval '1 day'"),
    )
    await task.run({ ...context, published })
    expect(lines).toEqual([])
    expect((await cosignatures('w-real')).map(({ size }) => size)).toEqual(['300', '513'])
    expect((await readFile(file, 'utf8')).endsWith(`${published.note}====\n`)).toBe(true)
    expect(mails).toHaveLength(2)
    for (const kind of ['file', 'witness', 'mail']) expect((await anchorRows(kind))[0]).toMatchObject({ size: 513, error: null })
  })
})
