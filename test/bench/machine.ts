import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { withClient } from '../../server/database/connection.ts'

/** What the figures were measured on. The date is left out: it would make every run a change. */
export async function describeMachine(adminUrl: string): Promise<string> {
  const version = await withClient(adminUrl, async (client) => (await client.query<{ server_version: string }>('SHOW server_version')).rows[0]?.server_version)
  return `${availableParallelism()} cores, PostgreSQL ${version}, Node ${process.versions.node}`
}

type Times = { readonly total: number; readonly busy: number; readonly own: number }

/** Which part of the machine's processor time others used between two moments: above a few percent, figures are not to be trusted. */
export class ForeignLoad {
  readonly #start = readTimes()

  /** From 0 to 1, of all cores together, since this was made. */
  share(): number {
    const now = readTimes()
    const total = now.total - this.#start.total
    return total <= 0 ? 0 : Math.max(0, now.busy - this.#start.busy - (now.own - this.#start.own)) / total
  }
}

function readTimes(): Times {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/\s+/).slice(1).map(Number) ?? []
  const busy = user + nice + system + irq + soft + steal
  return { total: busy + idle + wait, busy, own: ownTicks() }
}

/** Ticks of this process and of everything that descends from it, those that have ended included. */
function ownTicks(): number {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? [])
  const children = Map.groupBy(stats, ({ parent }) => parent)
  const sum = (pid: number): number => (children.get(pid) ?? []).reduce((total, child) => total + child.ticks + sum(child.pid), 0)
  return sum(process.pid) + (stats.find(({ pid }) => pid === process.pid)?.ticks ?? 0)
}

function readStat(pid: number): { pid: number; parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command's name in brackets, which may contain spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((total, index) => total + Number(fields[index]), 0)
    return { pid, parent: Number(fields[1]), ticks }
  } catch {
    return null
  }
}

/** Nanoseconds of processor time that these processes have used so far; those that have ended count 0. */
export function cpuNanoseconds(pids: readonly number[]): number {
  return pids.reduce((total, pid) => {
    try {
      return total + Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      return total
    }
  }, 0)
}
