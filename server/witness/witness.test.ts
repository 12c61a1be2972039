import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request as plainRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EMPTY_ROOT } from '../../modules/kernel/merkle.ts'
import { createSigner, isSignedBy, parseCheckpoint, parseNote, parseVerifierKey, signNote, verifierOf } from '../../modules/kernel/signed-note.ts'
import { type PublishedCheckpoint, TestLog } from '../../test/test-log.ts'
import { offerCheckpoint, postToWitness, startWitnessProgram, type WitnessProgram } from '../../test/witness-program.ts'
import { originHash } from './protocol.ts'

let dir: string
let log: TestLog
let running: WitnessProgram[]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'chiron-witness-'))
  log = new TestLog()
  running = []
})

afterEach(async () => {
  for (const witness of running) await witness.stop()
  await rm(dir, { recursive: true })
})

async function start(logs = [verifierOf(log.signer)], folder = dir) {
  const witness = await startWitnessProgram(folder, logs)
  running.push(witness)
  return witness
}

const offer = (address: string, old: number, published: PublishedCheckpoint, proof?: Buffer[]) => offerCheckpoint(address, log, old, published, proof)
const isCosigned = ({ note }: PublishedCheckpoint, line: string, vkey: string) => isSignedBy(parseNote(note + line), parseVerifierKey(vkey))
const evidence = async () => (await readdir(dir)).filter((name) => name.startsWith('evidence-'))

describe('a witness', () => {
  it('cosigns a log from its first checkpoint on, as long as each continues the last', async () => {
    const { address, vkey } = await start()
    let old = 0
    for (const size of [0, 1, 2, 7, 8, 8, 100]) {
      const published = log.publish(size)
      const answer = await offer(address, old, published)
      expect([size, answer.status]).toEqual([size, 200])
      expect(isCosigned(published, answer.body, vkey)).toBe(true)
      old = size
    }
    expect(await evidence()).toEqual([])
  })

  it('says in its cosignature when it was made', async () => {
    const { address } = await start()
    const before = Math.floor(Date.now() / 1000)
    const { body } = await offer(address, 0, log.publish(3))
    const time = Number(parseNote(`x\n\n${body}`).signatures[0]?.bytes.readBigUInt64BE(4))
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000))
  })

  it('shows the last checkpoint with both signatures to whoever asks', async () => {
    const { address, vkey } = await start()
    const url = `${address}/${originHash(log.signer.name)}/checkpoint`
    expect((await fetch(url)).status).toBe(404)
    const published = log.publish(5)
    // Signatures of strangers are not passed on.
    const stranger = signNote(parseNote(published.note).text, createSigner('stranger', randomBytes(32)))
    const { body } = await offer(address, 0, { ...published, note: published.note + stranger.slice(stranger.lastIndexOf('\n\n') + 2) })
    expect(await (await fetch(url)).text()).toBe(published.note + body)
    expect(isCosigned(published, body, vkey)).toBe(true)
    expect((await fetch(`${address}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404)
  })

  it('tells a client that is behind where it stands', async () => {
    const { address } = await start()
    await offer(address, 0, log.publish(10))
    expect(await offer(address, 0, log.publish(20))).toEqual({ status: 409, body: '10\n', type: 'text/x.tlog.size' })
    expect(await offer(address, 12, log.publish(20))).toEqual({ status: 409, body: '10\n', type: 'text/x.tlog.size' })
    expect((await offer(address, 10, log.publish(20))).status).toBe(200)
    expect(await evidence()).toEqual([])
  })

  it('keeps logs apart', async () => {
    const other = new TestLog()
    const { address } = await start([verifierOf(log.signer), verifierOf(other.signer)])
    expect((await offer(address, 0, log.publish(10))).status).toBe(200)
    expect((await offer(address, 0, other.publish(3))).status).toBe(200)
    expect((await offer(address, 10, log.publish(11))).status).toBe(200)
  })
})

describe('a witness refuses', () => {
  it('a fork of the same size, keeps both checkpoints and says so', async () => {
    const { address, alarms } = await start()
    await offer(address, 0, log.publish(10))
    const forked = log.fork(4).publish(10)
    expect((await offer(address, 10, forked, [])).status).toBe(422)
    expect((await offer(address, 0, forked, [])).status).toBe(409)
    expect(alarms.join('\n')).toContain('FORKED')
    const [name, ...more] = await evidence()
    // The same two once, however often they are offered.
    expect(more).toEqual([])
    const kept = await readFile(join(dir, name ?? ''), 'utf8')
    const [first = '', second = ''] = kept.slice(kept.indexOf('\n\n') + 2).split('====\n')
    expect(isSignedBy(parseNote(first), verifierOf(log.signer))).toBe(true)
    expect(second).toBe(forked.note)
    expect(parseCheckpoint(parseNote(first).text)).toMatchObject({ size: 10n, root: log.root(10) })
  })

  it('a fork that has grown longer, whatever proof comes with it', async () => {
    const { address, alarms } = await start()
    await offer(address, 0, log.publish(10))
    const fork = log.fork(4)
    for (const proof of [await fork.prove(10, 17), await log.prove(10, 17), [], [randomBytes(32)]])
      expect((await offer(address, 10, fork.publish(17), proof)).status).toBe(422)
    expect(alarms.join('\n')).toContain('UNPROVEN')
    expect(await evidence()).toHaveLength(1)
    // The true history goes on as before.
    expect((await offer(address, 10, log.publish(17))).status).toBe(200)
  })

  it('a log that has become shorter, and keeps what it was', async () => {
    const { address, alarms } = await start()
    await offer(address, 0, log.publish(10))
    expect(await offer(address, 6, log.publish(6))).toMatchObject({ status: 409, body: '10\n' })
    expect(alarms.join('\n')).toContain('SHRUNK')
    expect(await evidence()).toHaveLength(1)
    expect((await offer(address, 10, log.publish(6), [])).status).toBe(400)
    expect((await offer(address, 10, log.publish(11))).status).toBe(200)
  })

  it('an unknown log with 404, an unknown or wrong signature with 403', async () => {
    const { address } = await start()
    expect((await offer(address, 0, new TestLog().publish(3))).status).toBe(404)
    const impostor = new TestLog(createSigner(log.signer.name, randomBytes(32)))
    expect((await offer(address, 0, impostor.publish(3))).status).toBe(403)
    const { note, ...rest } = log.publish(3)
    expect((await offer(address, 0, { ...rest, note: note.replace('chiron/v1 2026', 'chiron/v1 2027') })).status).toBe(403)
    expect((await readdir(dir)).filter((name) => name.endsWith('.checkpoint'))).toEqual([])
  })

  it('an empty tree with a root, and a first proof that is not empty, with 422', async () => {
    const { address } = await start()
    const text = parseNote(log.publish(0).note).text
    const wrong = signNote(text.replace(EMPTY_ROOT.toString('base64'), randomBytes(32).toString('base64')), log.signer)
    expect((await offer(address, 0, { size: 0n, root: EMPTY_ROOT, note: wrong })).status).toBe(422)
    expect((await offer(address, 0, log.publish(3), [randomBytes(32)])).status).toBe(422)
    expect((await offer(address, 0, log.publish(3))).status).toBe(200)
  })

  it.each([
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['a size with a leading zero', 'old 00\n\nNOTE'],
    ['a negative size', 'old -1\n\nNOTE'],
    ['a size in words', 'old many\n\nNOTE'],
    ['another word', 'new 0\n\nNOTE'],
    ['a proof line that is no base64', 'old 1\n!!\n\nNOTE'],
    ['a proof line that is too short', 'old 1\nAAAA\n\nNOTE'],
    ['too long a proof', `old 1\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\nNOTE`],
    ['a note without signatures', 'old 0\n\na\n1\nb\n'],
    ['a note that is no checkpoint', `old 0\n\n${signNote('hello\n', createSigner('a', Buffer.alloc(32)))}`],
    ['bytes that are no text', Buffer.concat([Buffer.from('old 0\n\n'), Buffer.of(0xff, 0xfe, 0x0a)])],
  ])('%s with 400', async (_case, body) => {
    const { address } = await start()
    const text = typeof body === 'string' ? body.replace('NOTE', log.publish(3).note) : body
    expect((await postToWitness(address, text)).status).toBe(400)
  })

  it('bodies beyond 64 KB, other methods and other paths', async () => {
    const { address } = await start()
    expect((await postToWitness(address, 'x'.repeat(70_000))).status).toBe(413)
    expect((await fetch(`${address}/add-checkpoint`)).status).toBe(405)
    expect((await fetch(`${address}/${'0'.repeat(64)}/checkpoint`, { method: 'POST' })).status).toBe(405)
    for (const path of ['/', '/../key', '/key', `/${originHash(log.signer.name)}.checkpoint`]) {
      const { promise, resolve } = Promise.withResolvers<number | undefined>()
      plainRequest(`${address}`, { path }, (response) => resolve(response.resume().statusCode)).end()
      expect([path, await promise]).toEqual([path, 404])
    }
  })

  it('garbage that is not even HTTP, and goes on', async () => {
    const { address } = await start()
    const socket = connect(Number(new URL(address).port), '127.0.0.1')
    socket.on('error', () => {})
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.end(randomBytes(500))
    socket.resume()
    await closed
    expect((await offer(address, 0, log.publish(3))).status).toBe(200)
  })
})

describe('many clients at once', () => {
  it('get one history: of competing continuations one is cosigned, the others are told the size', async () => {
    const { address, vkey } = await start()
    await offer(address, 0, log.publish(10))
    const sizes = Array.from({ length: 20 }, (_, index) => 11 + index)
    const answers = await Promise.all(sizes.map(async (size) => ({ size, ...(await offer(address, 10, log.publish(size))) })))
    const won = answers.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409).every(({ body }) => body === `${won[0]?.size}\n`)).toBe(true)
    expect(isCosigned(log.publish(won[0]?.size ?? 0), won[0]?.body ?? '', vkey)).toBe(true)
  })

  it('of two forks of one log see exactly one cosigned', async () => {
    const { address } = await start()
    await offer(address, 0, log.publish(10))
    const fork = log.fork(10)
    const answers = await Promise.all([log, fork, log, fork].map(async (side) => offer(address, 10, side.publish(12), await side.prove(10, 12))))
    // Whichever came second found another size.
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409])
    expect(await evidence()).toHaveLength(1)
  })
})
