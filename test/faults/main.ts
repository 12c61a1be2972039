import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GENERATE_TASKS, runTasks } from '../../server/cli/generate.ts'
import { terminal } from '../../server/cli/progress.ts'
import type { Outcome, Plant, Target } from './audit.ts'

const USAGE = `npm run faults -- audit [--seed <number>] [--kills <number>] [--target postgres|api|sequencer] [--plant early-release|cursor-by-id]`

const { positionals, values } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '12' },
    target: { type: 'string', multiple: true, default: [] },
    plant: { type: 'string', multiple: true, default: [] },
  },
})

const say = (line: string) => void process.stdout.write(`${line}\n`)

/** What can be hit, and what is counted then. */
const SUITES: Readonly<Record<string, () => Promise<Outcome>>> = {
  audit: async () => {
    // Loaded late: it needs what is generated.
    const { PLANTS, runAuditFaults, TARGETS } = await import('./audit.ts')
    const targets = values.target.map((name) => one<Target>(TARGETS, name))
    const plants = values.plant.map((name) => one<Plant>(PLANTS, name))
    return runAuditFaults({ seed: whole(values.seed), kills: whole(values.kills), ...(targets.length > 0 ? { targets } : {}), plants, say })
  },
}

function one<T extends string>(known: readonly T[], name: string): T {
  const found = known.find((candidate) => candidate === name)
  if (found === undefined) throw new Error(`${name} is none of ${known.join(', ')}`)
  return found
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${text} is not a whole number`)
  return Number(text)
}

async function main(): Promise<number> {
  const [name = ''] = positionals
  const suite = SUITES[name]
  if (!suite || positionals.length !== 1) {
    say(`Usage: ${USAGE}`)
    return 2
  }
  await runTasks(fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''), GENERATE_TASKS, terminal)
  say(`Faults: ${name}, seed ${values.seed}`)
  const { lines, violations } = await suite()
  say('')
  for (const { label, count, mustBeZero } of lines) say(`${String(count).padStart(9)}  ${label}${mustBeZero ? (count === 0 ? '  ✓' : '  ✗ must be 0') : ''}`)
  say(violations.length === 0 ? '\n✓ nothing was lost' : `\n✗ ${violations.length} of these must be 0 and are not (repeat with --seed ${values.seed})`)
  return violations.length === 0 ? 0 : 1
}

// A signal must run the exit handlers, which stop the processes that this one has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
// The launcher was killed, which sends no signal here.
process.once('disconnect', () => process.exit(130))
process.channel?.unref()
process.exit(await main())
