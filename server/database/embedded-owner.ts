import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../startup-error.ts'

/**
 * Which Chiron process started the embedded server. A process id alone is not enough, since ids are reused soon in
 * containers; on Linux the process's start time goes with it.
 */
const fileIn = (dataDir: string) => join(dataDir, 'owner')

export async function claimOwnership(dataDir: string): Promise<void> {
  await writeFile(fileIn(dataDir), await identityOf(process.pid), { mode: 0o600 })
}

export async function releaseOwnership(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true })
}

/** True when another living process owns the server of this folder. */
export async function hasLiveOwner(dataDir: string): Promise<boolean> {
  return (await findOwner(dataDir)) === 'other'
}

/** Who started the server of this folder: this process, another living one, one that died without stopping it, or nobody. */
export async function findOwner(dataDir: string): Promise<'self' | 'other' | 'dead' | null> {
  const recorded = await readFile(fileIn(dataDir), 'utf8').catch(() => '')
  const pid = Number(recorded.split(' ')[0])
  if (!Number.isInteger(pid) || pid <= 0) return null
  if (pid === process.pid) return 'self'
  return isAlive(pid) && recorded === (await identityOf(pid)) ? 'other' : 'dead'
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 22, counted after the closing bracket of the command name, which itself may contain spaces.
  const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return `${pid} ${startTicks}`
}
