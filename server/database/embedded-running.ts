import { readFileSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive } from './embedded-owner.ts'

/** Port of a server that already runs on this cluster and answers to us, else null. */
export async function findRunningPort(clusterDir: string, isOurs: (port: number) => Promise<boolean>): Promise<number | null> {
  const lines = await readPidFile(clusterDir)
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!pid || !port || !isAlive(pid)) return null
  return (await isOurs(port)) ? port : null
}

/**
 * PostgreSQL replaces the pid file of a dead server itself, but refuses when the number now belongs to some other living
 * process, as happens after a container restart. Removes the file in that case only.
 */
export async function removeForeignPidFile(clusterDir: string): Promise<void> {
  const pid = Number((await readPidFile(clusterDir))[0])
  if (pid > 0 && isAlive(pid) && !isServerOf(clusterDir, pid)) await rm(pidFileIn(clusterDir), { force: true })
}

/** Sends this cluster's server its signal for a fast stop. Synchronous: the caller may be ending. */
export function interruptServer(clusterDir: string): void {
  try {
    const pid = Number(readFileSync(pidFileIn(clusterDir), 'utf8').split('\n')[0])
    if (pid > 0 && isServerOf(clusterDir, pid)) process.kill(pid, 'SIGINT')
  } catch {
    // No pid file or no process: it has stopped already, which is what was asked for.
  }
}

/** True when this process is this cluster's server; where the system does not tell (no /proc), it is taken for it. */
function isServerOf(clusterDir: string, pid: number): boolean {
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(clusterDir)
  } catch {
    return false
  }
}

function pidFileIn(clusterDir: string): string {
  return join(clusterDir, 'postmaster.pid')
}

async function readPidFile(clusterDir: string): Promise<string[]> {
  const text = await readFile(pidFileIn(clusterDir), 'utf8').catch(() => '')
  return text.split('\n').map((line) => line.trim())
}
