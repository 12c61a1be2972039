import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { GENERATE_TASKS, runTasks } from '../../server/cli/generate.ts'
import { terminal } from '../../server/cli/progress.ts'
import type { Outcome, Plant, Target } from './audit.ts'
import type { Lab } from './lab.ts'
import type { Row } from './suites.ts'

const USAGE = `npm run faults                    everything, as one table
       npm run faults -- <name> …        some of it
       npm run faults -- kill-api [--kills <number>]
       npm run faults -- audit [--kills <number>] [--target postgres|api|sequencer] [--plant early-release|cursor-by-id]
Options: --quick (the short form), --write (the table goes into docs/performance.md), --seed <number>`

const { positionals, values } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string' },
    target: { type: 'string', multiple: true, default: [] },
    plant: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
})

const say = (line: string) => void process.stdout.write(`${line}\n`)

async function runAudit(): Promise<Outcome> {
  // Loaded late: it needs what is generated.
  const { PLANTS, runAuditFaults, TARGETS } = await import('./audit.ts')
  const targets = values.target.map((name) => one<Target>(TARGETS, name))
  const plants = values.plant.map((name) => one<Plant>(PLANTS, name))
  const kills = whole(values.kills ?? (values.quick ? '3' : '12'))
  return runAuditFaults({ seed: whole(values.seed), kills, ...(targets.length > 0 ? { targets } : {}), plants, say })
}

async function runTable(names: readonly string[]): Promise<readonly Row[]> {
  const { FAULTS, runFaults } = await import('./suites.ts')
  const known = [...FAULTS.map(({ name }) => name), 'audit']
  for (const name of names) one(known, name)
  if (values.write && values.quick) throw new Error('--write is for full runs')
  const chosen = names.length === 0 ? known : names
  const options = { seed: whole(values.seed), isQuick: values.quick, kills: values.kills === undefined ? undefined : whole(values.kills), say }
  const faults = FAULTS.filter(({ name }) => chosen.includes(name))
  const rows = faults.length === 0 ? [] : await inLab((lab) => runFaults(faults, { ...options, lab }))
  return chosen.includes('audit') ? [...rows, await auditRow()] : rows
}

async function inLab<T>(work: (lab: Lab) => Promise<T>): Promise<T> {
  const { Lab } = await import('./lab.ts')
  await using lab = await Lab.start()
  return await work(lab)
}

const AUDIT_TITLE = 'kill -9 of PostgreSQL, API and sequencer under load: the trail'

async function auditRow(): Promise<Row> {
  const begun = performance.now()
  const { lines, violations } = await runAudit()
  say('')
  for (const { label, count, mustBeZero } of lines) say(`${String(count).padStart(9)}  ${label}${mustBeZero ? (count === 0 ? '  ✓' : '  ✗ must be 0') : ''}`)
  const times = lines.filter(({ label }) => label.startsWith('kill -9 of ')).reduce((sum, { count }) => sum + count, 0)
  return { name: 'audit', title: AUDIT_TITLE, times, lines, violations, seconds: (performance.now() - begun) / 1000 }
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
  await runTasks(fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''), GENERATE_TASKS, terminal)
  say(`Faults, seed ${values.seed}`)
  const rows = await runTable(positionals)
  const { formatText, writeTable } = await import('./table.ts')
  say(`\n${formatText(rows)}`)
  if (values.write) {
    const { FAULTS } = await import('./suites.ts')
    await writeTable(rows, whole(values.seed), [...FAULTS.map(({ title }) => title), AUDIT_TITLE])
  }
  const violations = rows.flatMap((row) => row.violations)
  say(violations.length === 0 ? '\n✓ nothing was lost' : `\n✗ ${violations.length} counts must be 0 and are not (repeat with --seed ${values.seed})`)
  return violations.length === 0 ? 0 : 1
}

// A signal must run the exit handlers, which stop the processes that this one has started.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
// The launcher was killed, which sends no signal here.
process.once('disconnect', () => process.exit(130))
process.channel?.unref()
process.exit(
  await main().catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error))
    say(`Usage: ${USAGE}`)
    return 2
  }),
)
