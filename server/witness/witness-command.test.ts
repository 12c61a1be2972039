import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { runCommand } from 'citty'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatVerifierKey, isSignedBy, parseNote, parseVerifierKey, verifierOf } from '../../modules/kernel/signed-note.ts'
import { type PublishedCheckpoint, TestLog } from '../../test/test-log.ts'
import { offerCheckpoint, startWitnessProgram, type WitnessProgram } from '../../test/witness-program.ts'
import { StartupError } from '../startup-error.ts'
import { formatRequest, originHash } from './protocol.ts'
import { Witness } from './witness.ts'
import { createWitnessCommand } from './witness-command.ts'
import { WitnessFolder } from './witness-folder.ts'

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

describe('after a restart', () => {
  it('it has the same key and knows where it was', async () => {
    const first = await start()
    await offer(first.address, 0, log.publish(10))
    await first.stop()
    const second = await start()
    expect(second.vkey).toBe(first.vkey)
    expect(second.lines[0]).toContain('cosigned up to 10')
    expect(await offer(second.address, 0, log.publish(12))).toMatchObject({ status: 409, body: '10\n' })
    expect((await offer(second.address, 10, log.fork(2).publish(10), [])).status).toBe(422)
    expect((await offer(second.address, 10, log.publish(12))).status).toBe(200)
    expect((await stat(join(dir, 'key'))).mode & 0o777).toBe(0o600)
  })

  it('that came between writing and answering, the client catches up', async () => {
    const folder = await WitnessFolder.open(dir, 'witness.example/w1')
    const dying = new Witness({
      folder: {
        signer: folder.signer,
        find: (of) => folder.find(of),
        keepEvidence: async () => null,
        save: async (origin, note) => {
          await folder.save(origin, note)
          throw new Error('killed')
        },
      },
      logs: [verifierOf(log.signer)],
      alarm: () => {},
    })
    await expect(dying.addCheckpoint(formatRequest({ old: 0n, proof: [], note: log.publish(10).note }))).rejects.toThrow('killed')
    await folder[Symbol.asyncDispose]()
    const { address, vkey } = await start()
    expect(await offer(address, 0, log.publish(10))).toMatchObject({ status: 409, body: '10\n' })
    const again = await offer(address, 10, log.publish(10))
    expect([again.status, isCosigned(log.publish(10), again.body, vkey)]).toEqual([200, true])
  })

  it('that came before the file was in place, it stands where it stood', async () => {
    const first = await start()
    await offer(first.address, 0, log.publish(10))
    await first.stop()
    await writeFile(join(dir, `${originHash(log.signer.name)}.checkpoint.0123.tmp`), 'half a no')
    const { address } = await start()
    expect(await offer(address, 0, log.publish(12))).toMatchObject({ status: 409, body: '10\n' })
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('it gives no answer when nothing could be written', async () => {
    const folder = await WitnessFolder.open(dir, 'w')
    const full = { signer: folder.signer, find: async () => null, keepEvidence: async () => null, save: () => Promise.reject(new Error('ENOSPC')) }
    const witness = new Witness({ folder: full, logs: [verifierOf(log.signer)], alarm: () => {} })
    await expect(witness.addCheckpoint(formatRequest({ old: 0n, proof: [], note: log.publish(1).note }))).rejects.toThrow('ENOSPC')
    await folder[Symbol.asyncDispose]()
  })

  it('with a file or a key that is damaged or open to others it does not start', async () => {
    const first = await start()
    await offer(first.address, 0, log.publish(10))
    await first.stop()
    const path = join(dir, `${originHash(log.signer.name)}.checkpoint`)
    const good = await readFile(path, 'utf8')
    for (const bad of ['', good.slice(0, -20), good.replace('\n10\n', '\n11\n'), log.publish(10).note]) {
      await writeFile(path, bad)
      await expect(start()).rejects.toThrow(/does not verify/)
    }
    await writeFile(path, good)
    await chmod(join(dir, 'key'), 0o644)
    await expect(start()).rejects.toThrow(/chmod 600/)
    await chmod(join(dir, 'key'), 0o600)
    await writeFile(join(dir, 'key'), 'not a key')
    await expect(start()).rejects.toThrow(StartupError)
  })
})

const WITNESS_PROCESS = `
import { runCommand } from 'citty'
import { createWitnessCommand } from './server/witness/witness-command.ts'
const output = { line: (text) => console.log(text), error: (text) => console.error(text) }
await runCommand(createWitnessCommand({ env: {}, root: process.cwd(), output }), { rawArgs: process.argv.slice(1) })
`

describe('as a program of its own', () => {
  const children: ChildProcess[] = []
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await new Promise((resolve) => child.once('exit', resolve))
      }
    }
  })

  async function launch() {
    const args = ['--dir', dir, '--log', formatVerifierKey(verifierOf(new TestLog().signer)), '--log', formatVerifierKey(verifierOf(log.signer)), '--port', '0']
    const child = spawn(process.execPath, ['--input-type=module', '-e', WITNESS_PROCESS, '--', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    for await (const line of createInterface(child.stdout)) {
      const [, address, vkey] = /"(\S+?)=(\S+)"/.exec(line) ?? []
      if (address !== undefined && vkey !== undefined) return { child, address, vkey }
    }
    throw new Error('the witness did not start')
  }

  it('killed without warning, it has remembered everything that it cosigned', async () => {
    let cosigned = 0
    for (let round = 0; round < 3; round += 1) {
      const { child, address } = await launch()
      const died = new Promise((resolve) => child.once('exit', resolve))
      const { body: text, status } = await offer(address, 0, log.publish(cosigned + 1))
      let old = status === 200 ? cosigned + 1 : Number(text)
      expect(old).toBeGreaterThanOrEqual(cosigned)
      for (const end = old + 10 + round; ; old += 1) {
        const going = offer(address, old, log.publish(old + 1))
        if (old === end) {
          child.kill('SIGKILL')
          const last = await going.catch(() => null)
          if (last?.status === 200) cosigned = old + 1
          break
        }
        expect((await going).status).toBe(200)
        cosigned = old + 1
      }
      await died
    }
    const { address, child } = await launch()
    const { status, body } = await offer(address, 0, log.publish(cosigned + 5))
    expect(status).toBe(409)
    expect([cosigned, cosigned + 1]).toContain(Number(body))
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
  }, 60_000)

  it('has its folder for itself', async () => {
    await launch()
    await expect(start()).rejects.toThrow('Another witness uses')
    const other = await mkdtemp(join(tmpdir(), 'chiron-witness-'))
    try {
      const first = await start([verifierOf(log.signer)], other)
      await expect(start([verifierOf(log.signer)], other)).rejects.toThrow('Another witness uses')
      await first.stop()
      await (await start([verifierOf(log.signer)], other)).stop()
    } finally {
      await rm(other, { recursive: true })
    }
  })
})

describe('chiron witness', () => {
  const vkey = () => formatVerifierKey(verifierOf(log.signer))
  const run = (...rawArgs: string[]) => runCommand(createWitnessCommand({ env: {}, root: dir, output: { line: () => {}, error: () => {} } }), { rawArgs })

  it.each([
    ['no folder', () => ['--log', vkey()], /dir/],
    ['no log', () => ['--dir', dir], /log/],
    ['a key that is none', () => ['--dir', dir, '--log', 'abc'], /no verifier key/],
    ['the key of a witness', () => ['--dir', dir, '--log', formatVerifierKey(verifierOf(log.signer, 4))], /cosigner/],
    ['one log twice', () => ['--dir', dir, '--log', vkey(), '--log', vkey()], /twice/],
    ['no port', () => ['--dir', dir, '--log', vkey(), '--port', 'web'], /--port/],
    ['a name with a space', () => ['--dir', dir, '--log', vkey(), '--name', 'a b'], /--name/],
    ['a file for a folder', () => ['--dir', '/dev/null/x', '--log', vkey()], /not writable/],
  ])('with %s says what to do', async (_case, args, message) => {
    await expect(run(...args())).rejects.toThrow(message)
  })
})
