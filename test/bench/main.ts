import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BUILD_TASKS, GENERATE_TASKS, runTasks } from '../../server/cli/generate.ts'
import { terminal } from '../../server/cli/progress.ts'
import { type Measure, SIZES, type Size } from './measure.ts'

const USAGE = `npm run bench -- compare [--size S|M|L] [--only <operation>] [--contender <name>] [--rounds <number>] [--write]
       npm run bench -- load [--size S|M|L] [--users 100] [--seconds 60] [--pages] [--write]
       npm run bench -- growth [--write]
       npm run bench -- plans [--size S|M|L] [--write]
       npm run bench -- audit [--size S|M|L] [--only <measurement>] [--write]
       npm run bench -- scheduling [--write]`

/** Chiron on the data of a size, beside others or alone. */
const SIDE_BY_SIDE = ['compare', 'growth', 'plans']
/** What can be measured. Loaded late: it needs what is generated. */
const SUITES: Readonly<Record<string, () => Promise<readonly Measure[]>>> = {
  audit: async () => (await import('./audit.ts')).measures,
  scheduling: async () => [(await import('./slots.ts')).slots],
}

const { positionals, values } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    size: { type: 'string', default: 'L' },
    only: { type: 'string', multiple: true, default: [] },
    // Puts what comes out into docs/performance.md.
    write: { type: 'boolean', default: false },
    contender: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    users: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '60' },
    // A browser opens pages while the load runs.
    pages: { type: 'boolean', default: false },
  },
})

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const say = (line: string) => void process.stdout.write(`${line}\n`)

async function runLoadSuite(size: Size): Promise<number> {
  const [users, seconds] = [Number(values.users), Number(values.seconds)]
  if (!Number.isInteger(users) || users < 1 || !Number.isInteger(seconds) || seconds < 1) {
    say(`Usage: ${USAGE}`)
    return 2
  }
  await runTasks(ROOT, values.pages ? [...GENERATE_TASKS, ...BUILD_TASKS] : GENERATE_TASKS, terminal)
  const { runLoad } = await import('./load.ts')
  return verdict(await runLoad({ size, users, seconds, hasPages: values.pages, isWritten: values.write, say }))
}

function verdict(missed: number): number {
  say(missed === 0 ? '✓ every goal is met' : `✗ ${missed} goals are missed`)
  return missed === 0 ? 0 : 1
}

async function main(): Promise<number> {
  const [suite = 'compare'] = positionals
  const load = SUITES[suite]
  const size = SIZES.find((known) => known === values.size)
  if ((!load && suite !== 'load' && !SIDE_BY_SIDE.includes(suite)) || !size || positionals.length > 1) {
    say(`Usage: ${USAGE}`)
    return 2
  }
  if (suite === 'load') return runLoadSuite(size)
  await runTasks(ROOT, GENERATE_TASKS, terminal)
  if (!load) return suite === 'compare' ? compareContenders(size) : measureAlone(suite, size)
  const measures = await load()
  const unknown = values.only.find((name) => !measures.some((measure) => measure.name === name))
  if (unknown !== undefined) {
    say(`${unknown} is none of ${measures.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const { runMeasure } = await import('./run-measure.ts')
  const chosen = measures.filter(({ name }) => values.only.length === 0 || values.only.includes(name))
  let missed = 0
  for (const measure of chosen) missed += await runMeasure(suite, measure, { size, isWritten: values.write, say })
  return verdict(missed)
}

async function compareContenders(size: Size): Promise<number> {
  const { runCompare } = await import('./compare/run-compare.ts')
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  if (rounds !== null && !(Number.isInteger(rounds) && rounds >= 2)) throw new Error('--rounds is a whole number from 2 on')
  return verdict(await runCompare({ size, only: values.only, contenders: values.contender, rounds, isWritten: values.write, say }))
}

async function measureAlone(suite: string, size: Size): Promise<number> {
  const { runAlone } = await import('./compare/run-alone.ts')
  return verdict(await runAlone(suite === 'growth' ? 'growth' : 'plans', { size, isWritten: values.write, say }))
}

// A signal must run the exit handlers, which stop the processes that this one has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
// The launcher was killed, which sends no signal here.
process.once('disconnect', () => process.exit(130))
process.channel?.unref()
process.exit(await main())
