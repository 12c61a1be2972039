import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { spineOrigin } from '../../modules/compliance/log-names.ts'
import { createSigner, formatVerifierKey, verifierOf } from '../../modules/kernel/signed-note.ts'
import { type App, createApp } from '../../server/app.ts'
import { exportLog } from '../../server/audit/log-export/export-log.ts'
import { withClient } from '../../server/database/connection.ts'
import { createLog } from '../../server/log.ts'
import { testConfig } from '../harness.ts'
import { Cluster } from '../own-cluster.ts'
import { ApiProcess } from './api-process.ts'
import { checkAnchors, checkAnswers, checkLog, checkReconciliation, countForeignNotes, type Line } from './audit-checks.ts'
import { AuditLoad } from './audit-load.ts'
import { anchorFileOf, apiOptions, signingKeyOf } from './lab.ts'
import { readAnchors, readPoint } from './plain-tree.ts'
import { Random } from './random.ts'
import { buildFaultWorld } from './world.ts'

export const TARGETS = ['postgres', 'api', 'sequencer'] as const
export type Target = (typeof TARGETS)[number]

/** Faults that the harness plants, to show that its checks find them. */
export const PLANTS = ['early-release', 'cursor-by-id'] as const
export type Plant = (typeof PLANTS)[number]

export type AuditFaults = {
  readonly seed: number
  /** Number of kills; the targets take turns in random order. */
  readonly kills: number
  readonly targets?: readonly Target[]
  readonly plants?: readonly Plant[]
  readonly say: (line: string) => void
}

export type Outcome = { readonly lines: readonly Line[]; readonly violations: readonly Line[] }

const VERIFIER = fileURLToPath(new URL('../../verifier/chiron-verify.mjs', import.meta.url))
const RECOVERY_MS = 60_000
const CLIENTS = 12
const REPEATS = 300
const REPORT_LINES = 40

/**
 * Kills PostgreSQL, the API and the sequencer under load, again and again, and then counts what must not be: answers without an
 * entry, lost changes, holes and doubles in the log, checkpoints that do not come out again. Stops what it started.
 */
export async function runAuditFaults(options: AuditFaults): Promise<Outcome> {
  await using run = await AuditRun.start(options)
  await run.killAll()
  // Awaited here: what has been started is stopped afterwards.
  return await run.settle()
}

class AuditRun implements AsyncDisposable {
  readonly #options: AuditFaults
  readonly #cluster: Cluster
  readonly #api: ApiProcess
  readonly #app: App
  readonly #load: AuditLoad
  readonly #random: Random
  /** What an outsider would have seen at the time: newest checkpoints of the spine. */
  readonly #seen: string[] = []
  #unrecovered = 0
  #anchorAhead = 0
  readonly #kills = new Map<Target, number>()

  private constructor(parts: { options: AuditFaults; cluster: Cluster; api: ApiProcess; app: App; load: AuditLoad; random: Random }) {
    this.#options = parts.options
    this.#cluster = parts.cluster
    this.#api = parts.api
    this.#app = parts.app
    this.#load = parts.load
    this.#random = parts.random
  }

  static async start(options: AuditFaults): Promise<AuditRun> {
    await using stack = new AsyncDisposableStack()
    const random = new Random(options.seed)
    const cluster = stack.use(await Cluster.start('chiron-faults-'))
    const app = stack.use(await createApp(testConfig(cluster.urls), { log: createLog('silent') }))
    const world = await buildFaultWorld(app)
    const api = stack.use(new ApiProcess(await apiOptions(cluster, plantsOf(options))))
    await api.start()
    const load = new AuditLoad(api.url, world, random)
    load.start(CLIENTS, app)
    const run = new AuditRun({ options, cluster, api, app, load, random })
    stack.move()
    return run
  }

  async killAll(): Promise<void> {
    const { kills, targets = TARGETS, say } = this.#options
    const order: Target[] = []
    while (order.length < kills) order.push(...this.#random.shuffle(targets))
    for (const [index, target] of order.slice(0, kills).entries()) {
      await sleep(this.#random.between(300, 2_500))
      const before = await this.#newestNote()
      if (before !== null) this.#seen.push(before)
      const begun = performance.now()
      await this.#kill(target)
      const hasRecovered = await this.#awaitRecovery(before === null ? 0 : readPoint(before).size)
      if (!hasRecovered) this.#unrecovered += 1
      await this.#checkAnchor()
      const seconds = ((performance.now() - begun) / 1000).toFixed(1)
      say(`${String(index + 1).padStart(3)}  kill -9 ${target.padEnd(9)}  ${hasRecovered ? `works again after ${seconds} s` : 'DID NOT RECOVER'}`)
    }
  }

  async #kill(target: Target): Promise<void> {
    this.#kills.set(target, (this.#kills.get(target) ?? 0) + 1)
    if (target === 'sequencer') return this.#api.killSequencer()
    if (target === 'postgres') {
      await this.#cluster.kill()
      // For a moment nobody is there, as with any supervisor.
      await sleep(this.#random.between(100, 800))
      return this.#cluster.restart()
    }
    this.#api.kill()
    await sleep(this.#random.between(100, 800))
    return this.#api.start()
  }

  /** Recovered: the API answers, and the log has grown and was signed. */
  async #awaitRecovery(size: number): Promise<boolean> {
    const deadline = Date.now() + RECOVERY_MS
    while (Date.now() < deadline) {
      const note = await this.#newestNote().catch(() => null)
      if (note !== null && readPoint(note).size > size && (await this.#load.probe())) return true
      await sleep(100)
    }
    return false
  }

  #newestNote(): Promise<string | null> {
    return withClient(this.#cluster.urls.adminUrl, async (admin) => {
      const { rows } = await admin.query<{ note: string }>('SELECT note FROM audit.checkpoint WHERE log = 0 ORDER BY size DESC LIMIT 1')
      return rows[0]?.note ?? null
    })
  }

  /** The file is read first: what it holds must have been committed before. */
  async #checkAnchor(): Promise<void> {
    const last = readAnchors(await this.#readAnchorFile()).at(-1)
    if (last === undefined) return
    const newest = await this.#newestNote()
    if (newest === null || readPoint(last).size > readPoint(newest).size) this.#anchorAhead += 1
  }

  #readAnchorFile(): Promise<string> {
    return readFile(anchorFileOf(this.#cluster.dataDir), 'utf8').catch(() => '')
  }

  /** Ends the load, repeats what is unknown, stops the API as an operator would, and counts. */
  async settle(): Promise<Outcome> {
    await this.#load.stop()
    const repeated = await this.#repeat()
    await this.#api.stop()
    const anchors = await this.#readAnchorFile()
    const lines = await withClient(this.#cluster.urls.adminUrl, async (admin) => [
      ...[...this.#kills].map(([target, times]): Line => ({ label: `kill -9 of ${target}`, count: times, mustBeZero: false })),
      { label: 'kills without recovery', count: this.#unrecovered, mustBeZero: true },
      ...(await checkAnswers(admin, this.#load)),
      ...repeated,
      ...(await checkLog(admin)),
      ...(await checkReconciliation(admin)),
      { label: 'times that the anchor file was ahead', count: this.#anchorAhead, mustBeZero: true },
      ...checkAnchors(anchors, await countForeignNotes(admin, [...readAnchors(anchors), ...this.#seen])),
    ])
    lines.push({ label: 'exit code of the verifier on an export', count: await this.#verify(), mustBeZero: true })
    return { lines, violations: lines.filter((line) => line.mustBeZero && line.count !== 0) }
  }

  /** The same key again: for what nobody answered, and for a sample of what was, which must be answered as before. */
  async #repeat(): Promise<Line[]> {
    const open = this.#load.writes.filter(({ answer }) => answer === null)
    let unanswered = 0
    for (const write of open) if ((await this.#load.repeat(write)) === null) unanswered += 1
    const done = this.#load.writes.filter(({ answer }) => answer?.id)
    const step = Math.max(1, Math.floor(done.length / REPEATS))
    const sample = done.filter((_, index) => index % step === 0)
    let different = 0
    for (const write of sample) {
      const answer = await this.#load.repeat(write)
      if (answer?.data?.[write.name]?.id !== write.answer?.id) different += 1
    }
    return [
      { label: 'changes repeated with their key', count: open.length + sample.length, mustBeZero: false },
      { label: 'repetitions without an answer', count: unanswered, mustBeZero: true },
      { label: 'repetitions with another answer', count: different, mustBeZero: true },
    ]
  }

  /** The offline verifier, with the key from outside and every checkpoint that an outsider has. Answers its exit code. */
  async #verify(): Promise<number> {
    const { dataDir, urls } = this.#cluster
    const dir = join(dataDir, 'export')
    const seen = join(dataDir, 'seen.txt')
    await writeFile(seen, this.#seen.map((note) => `${note}====\n`).join(''))
    const key = await withClient(urls.sequencerUrl, async (client) => {
      await exportLog(client, { dir, month: null, clinicId: null })
      const { rows } = await client.query<{ id: string }>('SELECT id FROM audit.installation')
      const seed = Buffer.from((await readFile(signingKeyOf(this.#cluster.dataDir), 'utf8')).trim(), 'base64')
      return formatVerifierKey(verifierOf(createSigner(spineOrigin(rows[0]?.id ?? ''), seed)))
    })
    const args = [VERIFIER, dir, '--key', key, '--checkpoint', anchorFileOf(this.#cluster.dataDir), '--checkpoint', seen]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const [code] = await once(child, 'close')
    if (code !== 0) this.#options.say(text.split('\n').slice(0, REPORT_LINES).join('\n'))
    await rm(dir, { recursive: true, force: true })
    return typeof code === 'number' ? code : 2
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [
      () => this.#load.stop(),
      () => this.#api[Symbol.asyncDispose](),
      () => this.#app[Symbol.asyncDispose](),
      () => this.#cluster[Symbol.asyncDispose](),
    ]
    const problems: unknown[] = []
    for (const end of ends) await end().catch((error: unknown) => problems.push(error))
    if (problems.length > 0) throw problems[0]
  }
}

const plantsOf = ({ plants = [] }: AuditFaults) => plants.map((plant) => new URL(`./plants/${plant}.ts`, import.meta.url).href)
