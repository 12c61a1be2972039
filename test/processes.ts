import { readdirSync, readFileSync } from 'node:fs'

export type Process = { readonly pid: number; readonly parent: number }

/** Children of a process, from /proc. */
export function childrenOf(parent: number): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(Number(name)) }))
    .filter((process) => process.parent === parent)
}

/** What a process was started with; empty once it has ended. */
export function commandLineOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
}

/** Kills at once. A process that has ended by itself in the meantime is what was wanted. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`)
  // The second field is the command's name in brackets, which may contain spaces.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
