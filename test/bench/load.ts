import { setTimeout as sleep } from 'node:timers/promises'
import type { Exposed } from '../exposition.ts'
import { bucketsBetween, quantile } from './load-figures.ts'
import { openPages, type PageResult } from './load-pages.ts'
import { LoadServer } from './load-server.ts'
import { User } from './load-users.ts'
import { LoadWorld, readManifest } from './load-world.ts'
import { describeMachine, ForeignLoad } from './machine.ts'
import { formatCount, type Goal, type Section, type Size } from './measure.ts'
import { formatSection, writeSection } from './report.ts'
import { percentile } from './statistics.ts'

export type LoadTestOptions = {
  readonly size: Size
  readonly users: number
  readonly seconds: number
  /** Whether a browser opens pages meanwhile. */
  readonly hasPages: boolean
  readonly isWritten: boolean
  readonly say: (line: string) => void
}

const GOALS = { apiMs: 50, statementMs: 5, rssMegabytes: 400, pageMs: 2_000 } as const
const WARM_UP_SECONDS = 10
/** Attempts to sign in are counted per address until they succeed. */
const SIGN_INS_AT_ONCE = 8
const SHOWN_FAILURES = 5
const RARE = 20

type Run = {
  readonly before: Exposed
  readonly after: Exposed
  readonly seconds: number
  readonly users: readonly User[]
  readonly memory: { readonly api: number; readonly beside: number }
  readonly pages: PageResult | null
}

/** People at work on one `chiron serve`, on the data of a size. Answers how many goals were missed. */
export async function runLoad(options: LoadTestOptions): Promise<number> {
  const { size, users, seconds, hasPages, isWritten, say } = options
  await using world = await LoadWorld.start(size, users, (line) => say(`  ${line}`))
  await using server = await LoadServer.start(world)
  const foreign = new ForeignLoad()
  const run = await measure(world, server, options)
  const section = describe(run, users)
  const command = `npm run bench -- load --size ${size} --users ${users} --seconds ${seconds}${hasPages ? ' --pages' : ''}`
  const machine = await describeMachine(world.urls.adminUrl)
  const conditions = `\`${command}\` on ${machine}; other programs used ${(foreign.share() * 100).toFixed(0)} % of the processors.`
  const text = formatSection({ ...section, notes: [conditions, ...section.notes] })
  say(`\n${text}`)
  for (const line of failuresOf(run).slice(0, SHOWN_FAILURES)) say(`  failed: ${line}`)
  if (isWritten) await writeSection('load:users', text)
  return section.goals.filter(({ isMet }) => !isMet).length
}

async function measure(world: LoadWorld, server: LoadServer, { seconds, hasPages, say }: LoadTestOptions): Promise<Run> {
  const hashes = await readManifest()
  const users = world.users.map((user) => new User(user, { world, url: server.url, hashes, seconds }))
  for (let index = 0; index < users.length; index += SIGN_INS_AT_ONCE)
    await Promise.all(users.slice(index, index + SIGN_INS_AT_ONCE).map((user) => user.signIn()))
  say(`  ${users.length} people are signed in`)
  await Promise.all(users.map((user) => user.work(performance.now() + WARM_UP_SECONDS * 1_000)))
  // What went wrong while things warmed up counts as well.
  for (const user of users) user.samples.length = 0
  const before = await server.scrape()
  const begun = performance.now()
  const end = begun + seconds * 1_000
  const owner = world.users.find(({ role }) => role === 'owner')
  if (hasPages && !owner) throw new Error('pages are opened by an owner, and so few people have none: take more users')
  const browsing = hasPages && owner ? openPages(server.url, owner, hashes.get('SignIn') ?? '', end) : null
  const [memory, pages] = await Promise.all([watchMemory(server, end), browsing, ...users.map((user) => user.work(end))])
  return { before, after: await server.scrape(), seconds: (performance.now() - begun) / 1_000, users, memory, pages }
}

async function watchMemory(server: LoadServer, end: number): Promise<Run['memory']> {
  const most = { api: 0, beside: 0 }
  while (performance.now() < end) {
    const now = server.memory()
    most.api = Math.max(most.api, now.api)
    most.beside = Math.max(most.beside, now.beside)
    await sleep(500)
  }
  return most
}

function failuresOf({ users, pages }: Run): string[] {
  return [...users.flatMap(({ failures }) => failures.map(({ operation, what }) => `${operation}: ${what}`)), ...(pages?.failures ?? [])]
}

function describe(run: Run, count: number): Section {
  const samples = run.users.flatMap((user) => user.samples)
  const byOperation = [...Map.groupBy(samples, ({ operation }) => operation)].sort(([a], [b]) => a.localeCompare(b))
  const row = (name: string, values: readonly number[]) => [
    name,
    formatCount(values.length),
    ...[50, 95, 99].map((percent) => `${percentile(values, percent).toFixed(1)} ms`),
  ]
  const all = samples.map(({ ms }) => ms)
  const pages = [...Map.groupBy(run.pages?.samples ?? [], ({ page }) => page)].map(([page, taken]) =>
    row(
      `page: ${page}`,
      taken.map(({ ms }) => ms),
    ),
  )
  return {
    head: ['operation', 'times', 'p50', 'p95', 'p99'],
    rows: [
      ...byOperation.map(([operation, taken]) =>
        row(
          operation,
          taken.map(({ ms }) => ms),
        ),
      ),
      row('**all operations**', all),
      ...pages,
    ],
    notes: [
      `${count} people for ${run.seconds.toFixed(0)} s on one \`chiron serve\` with its sequencer, think time exponential around 4 s, ${(samples.length / run.seconds).toFixed(1)} operations/s; documents by hash, ReceiveStock as text. ${describeServer(run)}`,
      describeStatements(run),
      ...(run.pages ? ["Pages: from the request of a fresh page, with the browser's cache filled, until its data is visible."] : []),
    ],
    goals: goalsOf(run, all),
  }
}

function describeServer({ before, after, seconds, memory }: Run): string {
  const cpu = after.sum('process_cpu_seconds_total') - before.sum('process_cpu_seconds_total')
  const megabytes = (name: string) => (after.sum(name) / 2 ** 20).toFixed(0)
  const batches = after.sum('chiron_audit_batch_operations_count') - before.sum('chiron_audit_batch_operations_count')
  const batched = after.sum('chiron_audit_batch_operations_sum') - before.sum('chiron_audit_batch_operations_sum')
  return `The API used ${((cpu / seconds) * 100).toFixed(0)} % of one core and at most ${memory.api.toFixed(0)} MB (at the end ${megabytes('nodejs_heap_size_used_bytes')} MB of objects in a heap of ${megabytes('nodejs_heap_size_total_bytes')} MB, ${megabytes('nodejs_external_memory_bytes')} MB outside it), its sequencer ${memory.beside.toFixed(0)} MB; a group commit served ${(batched / Math.max(1, batches)).toFixed(2)} operations; at the end the trail was ${after.sum('chiron_audit_lag_seconds').toFixed(1)} s behind.`
}

function statementP95(run: Run, labels: Readonly<Record<string, string>> = {}): number {
  return (quantile(bucketsBetween(run.before, run.after, 'chiron_statement_seconds', labels), 0.95) ?? 0) * 1_000
}

function describeStatements(run: Run): string {
  const names = [...new Set(run.after.find('chiron_statement_seconds_count').map(({ labels }) => labels.statement ?? ''))]
  const counted = (statement: string) =>
    run.after.sum('chiron_statement_seconds_count', { statement }) - run.before.sum('chiron_statement_seconds_count', { statement })
  const slowest = names
    .filter((statement) => counted(statement) >= RARE)
    .map((statement) => ({ statement, ms: statementP95(run, { statement }) }))
    .sort((a, b) => b.ms - a.ms)
    .slice(0, 5)
  const total = names.reduce((sum, statement) => sum + counted(statement), 0)
  return `${formatCount(total)} statements, p95 ${statementP95(run).toFixed(2)} ms as the API sees them (from its histogram); the slowest of those sent ${RARE} times or more: ${slowest.map(({ statement, ms }) => `\`${statement}\` ${ms.toFixed(1)} ms`).join(', ')}.`
}

function goalsOf(run: Run, all: readonly number[]): Goal[] {
  const failures = failuresOf(run).length
  return [
    goal('API p95', percentile(all, 95), GOALS.apiMs, 'ms'),
    goal('statements p95', statementP95(run), GOALS.statementMs, 'ms'),
    { text: `no errors: ${failures}`, isMet: failures === 0 },
    goal('memory of the API', run.memory.api, GOALS.rssMegabytes, 'MB'),
    ...(run.pages ? [pagesGoal(run.pages)] : []),
  ]
}

function pagesGoal({ samples }: PageResult): Goal {
  if (samples.length === 0) return { text: 'pages p95: no page came', isMet: false }
  const times = samples.map(({ ms }) => ms)
  return goal('pages p95', percentile(times, 95), GOALS.pageMs, 'ms')
}

function goal(text: string, value: number, most: number, unit: string): Goal {
  return { text: `${text}: ${value.toFixed(1)} ${unit}, less than ${most} ${unit}`, isMet: value < most }
}
