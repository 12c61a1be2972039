import type { Line } from './audit-checks.ts'
import { badInput } from './bad-input.ts'
import { clock } from './clock.ts'
import { diskFull } from './disk-full.ts'
import { type Fault, type FaultContext, violationsOf } from './fault.ts'
import { killApi } from './kill-api.ts'
import { killPostgres } from './kill-postgres.ts'
import { lot } from './lot.ts'
import { migration } from './migration.ts'
import { pool } from './pool.ts'
import { processes } from './processes.ts'
import { sameKey } from './same-key.ts'
import { slots } from './slots.ts'
import { slowClients } from './slow-clients.ts'

/** In the order of the table. */
export const FAULTS: readonly Fault[] = [killApi, killPostgres, processes, pool, diskFull, clock, sameKey, slots, lot, slowClients, migration, badInput]

export type Row = {
  readonly name: string
  readonly title: string
  readonly times: number
  readonly lines: readonly Line[]
  readonly violations: readonly Line[]
  readonly seconds: number
}

/** Runs faults one after another in one laboratory. A fault that throws has not shown anything: that is a violation. */
export async function runFaults(faults: readonly Fault[], options: FaultContext): Promise<Row[]> {
  const rows: Row[] = []
  for (const fault of faults) {
    const begun = performance.now()
    options.say(`• ${fault.title}`)
    const { times, lines } = await fault.run(options).catch((error: unknown) => failed(error, options.say))
    const row = { name: fault.name, title: fault.title, times, lines, violations: violationsOf(lines), seconds: (performance.now() - begun) / 1000 }
    rows.push(row)
    for (const line of lines)
      if (!line.mustBeZero || line.count !== 0) options.say(`    ${String(line.count).padStart(7)}  ${line.label}${line.mustBeZero ? '  ✗ must be 0' : ''}`)
    options.say(`${row.violations.length === 0 ? '✓' : '✗'} ${fault.title}  ${row.seconds.toFixed(1)} s`)
  }
  return rows
}

function failed(error: unknown, say: (line: string) => void): { times: number; lines: Line[] } {
  say(`    ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return { times: 0, lines: [{ label: 'the fault could not be tried', count: 1, mustBeZero: true }] }
}
