import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { createApp } from '../../server/app.ts'
import { buildFaultWorld, type FaultWorld } from '../faults/world.ts'
import { TEST_MASTER_KEY, testConfig } from '../harness.ts'
import { takePort } from '../ports.ts'
import type { TestServer } from '../postgres.ts'
import { HaProxy } from './haproxy.ts'
import { isReady, Program } from './program.ts'

export type Member = { readonly url: string; readonly program: Program }

/** What an installation with several processes runs: two servers, one worker, and HAProxy as deploy/haproxy.cfg says. */
export type Fleet = AsyncDisposable & {
  /** Where clients come in. */
  readonly url: string
  readonly servers: readonly [Member, Member]
  readonly worker: Program
  readonly proxy: HaProxy
  readonly world: FaultWorld
}

/** A server that was asked to end serves on for this long; the example's checks notice within one. */
const DRAIN_SECONDS = 2

/** Starts all of it on a database that is migrated and empty. */
export async function startFleet(urls: TestServer): Promise<Fleet> {
  await using stack = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'chiron-fleet-'))
  stack.defer(() => rm(dataDir, { recursive: true, force: true }))
  const world = await fill(urls)
  const shared = {
    DATABASE_URL: urls.appUrl,
    DATABASE_AUDITOR_URL: urls.auditorUrl,
    CHIRON_DATA: dataDir,
    CHIRON_DEMO: '0',
    CHIRON_TOKEN_SECRET: randomBytes(32).toString('hex'),
    CHIRON_MASTER_KEY: TEST_MASTER_KEY,
    LOG_LEVEL: 'warn',
  }
  const serve = async (): Promise<Member> => {
    const port = await takePort()
    const url = `http://127.0.0.1:${port}`
    const env = { ...shared, PORT: String(port), CHIRON_SEQUENCER: '0', TRUST_PROXY: '1', CHIRON_DRAIN_SECONDS: String(DRAIN_SECONDS) }
    const program = stack.use(new Program('serve', env, () => isReady(url)))
    return { url, program }
  }
  const servers: [Member, Member] = [await serve(), await serve()]
  const worker = stack.use(new Program('worker', { ...shared, DATABASE_SEQUENCER_URL: urls.sequencerUrl }, (output) => output.includes('The worker runs')))
  await Promise.all([worker.start(), ...servers.map(({ program }) => program.start())])
  const proxy = stack.use(
    await HaProxy.start(
      await takePort(),
      servers.map(({ url }) => Number(new URL(url).port)),
    ),
  )
  const held = stack.move()
  const end = async () => {
    // Nobody waits for them any more, so they need not drain.
    for (const { program } of servers) program.kill()
    await held.disposeAsync()
  }
  return { url: proxy.url, servers, worker, proxy, world, [Symbol.asyncDispose]: end }
}

async function fill(urls: TestServer): Promise<FaultWorld> {
  await using app = await createApp(testConfig(urls), { log: pino({ level: 'silent' }) })
  return await buildFaultWorld(app)
}
