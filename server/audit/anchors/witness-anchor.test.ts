import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cosign, createSigner, isSignedBy, parseNote, verifierOf } from '../../../modules/kernel/signed-note.ts'
import { TEMPLATE } from '../../../test/global-setup.ts'
import { OutsideWorld } from '../../../test/outside-world.ts'
import { takePort } from '../../../test/ports.ts'
import { type ClonedDatabase, cloneDatabase } from '../../../test/postgres.ts'
import { TestLog } from '../../../test/test-log.ts'
import { withClient } from '../../database/connection.ts'
import { originHash } from '../../witness/protocol.ts'
import type { Exclusive } from './anchor.ts'
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

const take: Exclusive = (work) => work(client)
const never = new AbortController().signal
const hashes = (of: TestLog) => () => of.hashes
let count = 0
// Each has a name of its own: cosignatures of all tests are in one table.
const startWitness = () => outside.startWitness([verifierOf(log.signer)], folder, `w${count++}`)
const cosignatures = async (name: string) =>
  (await client.query<{ size: string; line: string }>('SELECT size, line FROM audit.cosignature WHERE witness = $1 ORDER BY size', [name])).rows

describe('WitnessAnchor', () => {
  it('gets each checkpoint cosigned and keeps the cosignatures', async () => {
    const { url, verifier } = await startWitness()
    const anchor = new WitnessAnchor({ url, verifier, hashes: hashes(log) })
    for (const size of [3, 4, 4, 70]) await anchor.anchor(take, log.publish(size), never)
    const rows = await cosignatures(verifier.name)
    expect(rows.map(({ size }) => size)).toEqual(['3', '4', '70'])
    for (const { size, line } of rows) expect(isSignedBy(parseNote(log.publish(Number(size)).note + line), verifier)).toBe(true)
  })

  it('after a restart goes on from what the database or the witness knows', async () => {
    const { url, verifier } = await startWitness()
    const start = () => new WitnessAnchor({ url, verifier, hashes: hashes(log) })
    await start().anchor(take, log.publish(10), never)
    await start().anchor(take, log.publish(20), never)
    // The answer was lost: the witness is further than the database knows.
    await start().anchor(take, log.publish(30), never)
    await withClient(database.adminUrl, (admin) => admin.query('SET session_replication_role = replica; DELETE FROM audit.cosignature WHERE size = 30'))
    await start().anchor(take, log.publish(40), never)
    expect((await cosignatures(verifier.name)).map(({ size }) => size)).toEqual(['10', '20', '40'])
  })

  it('starts again with a witness that has forgotten the log', async () => {
    const { url, verifier } = await startWitness()
    const anchor = new WitnessAnchor({ url, verifier, hashes: hashes(log) })
    await anchor.anchor(take, log.publish(10), never)
    const [memory = ''] = await readdir(folder)
    await rm(join(folder, memory, `${originHash(log.signer.name)}.checkpoint`))
    for (const size of [12, 13]) await anchor.anchor(take, log.publish(size), never)
    expect((await cosignatures(verifier.name)).map(({ size }) => size)).toEqual(['10', '12', '13'])
  })

  it('reports a fork that the witness refuses, and that the log is behind it', async () => {
    const { url, verifier } = await startWitness()
    await new WitnessAnchor({ url, verifier, hashes: hashes(log) }).anchor(take, log.publish(10), never)
    const fork = log.fork(4)
    const forked = new WitnessAnchor({ url, verifier, hashes: hashes(fork) })
    await expect(forked.anchor(take, fork.publish(10), never)).rejects.toMatchObject({ code: 'FORKED' })
    await expect(forked.anchor(take, fork.publish(20), never)).rejects.toMatchObject({ code: 'FORKED' })
    await expect(new WitnessAnchor({ url, verifier, hashes: hashes(log) }).anchor(take, log.publish(6), never)).rejects.toMatchObject({ code: 'AHEAD' })
    expect((await cosignatures(verifier.name)).map(({ size }) => size)).toEqual(['10'])
  })

  it('believes no answer that the configured key did not sign', async () => {
    const { url, verifier } = await startWitness()
    const other = verifierOf(createSigner(verifier.name, Buffer.alloc(32, 7)), 4)
    await expect(new WitnessAnchor({ url, verifier: other, hashes: hashes(log) }).anchor(take, log.publish(3), never)).rejects.toMatchObject({
      code: 'BAD_ANSWER',
    })
    expect(await cosignatures(verifier.name)).toEqual([])
  })

  it('believes no cosignature that was made for another checkpoint', async () => {
    const signer = createSigner('w', Buffer.alloc(32, 1))
    const replayed = cosign(parseNote(log.publish(2).note).text, signer, 1_800_000_000n)
    const url = await outside.serve(createServer((request, response) => request.resume().on('end', () => response.end(replayed))))
    const anchor = new WitnessAnchor({ url, verifier: verifierOf(signer, 4), hashes: hashes(log) })
    await anchor.anchor(take, log.publish(2), never)
    await expect(anchor.anchor(take, log.publish(3), never)).rejects.toMatchObject({ code: 'BAD_ANSWER' })
    expect((await cosignatures('w')).map(({ size }) => size)).toEqual(['2'])
  })

  it.each([
    ['an error', 500, 'oh no\n', 'REFUSED'],
    ['no cosignature', 200, '', 'BAD_ANSWER'],
    ['a page', 200, '<html></html>', 'BAD_ANSWER'],
    ['an endless answer', 200, 'x'.repeat(100_000), 'BAD_ANSWER'],
    ['a conflict without a size', 409, 'later\n', 'BAD_ANSWER'],
    ['a conflict beyond the log', 409, '1000\n', 'AHEAD'],
    ['the same conflict each time', 409, '1\n', 'REFUSED'],
    ['another place', 302, '', 'UNREACHABLE'],
  ])('a witness that answers %s (%i) is reported', async (_case, status, body, code) => {
    const url = await outside.serve(
      createServer((request, response) => request.resume().on('end', () => response.writeHead(status, { Location: '/elsewhere' }).end(body))),
    )
    const anchor = new WitnessAnchor({ url, verifier: verifierOf(createSigner('w', Buffer.alloc(32, 1)), 4), hashes: hashes(log) })
    await expect(anchor.anchor(take, log.publish(3), never)).rejects.toMatchObject({ code })
  })

  it('a witness that is not there, or does not answer, is reported', async () => {
    const verifier = verifierOf(createSigner('w', Buffer.alloc(32, 1)), 4)
    const gone = new WitnessAnchor({ url: `http://127.0.0.1:${await takePort()}`, verifier, hashes: hashes(log) })
    await expect(gone.anchor(take, log.publish(3), never)).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('ECONNREFUSED') })
    const silent = new WitnessAnchor({ url: await outside.serve(createServer(() => {})), verifier, hashes: hashes(log), timeoutMs: 100 })
    await expect(silent.anchor(take, log.publish(3), never)).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})
