import { readFileSync } from 'node:fs'

const ESTABLISHED = '01'

/**
 * What the system holds for each open connection of a server on 127.0.0.1 whose reader does not take it: bytes by the reader's port. A connection
 * that the server has closed is none of them, also while its reader has not heard of it. From /proc.
 */
export function unreadBytes(port: number): ReadonlyMap<number, number> {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const unread = new Map<number, number>()
  for (const row of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const [, address, remote = '', state, queues = ''] = row.trim().split(/\s+/)
    const [waiting = ''] = queues.split(':')
    if (address === local && state === ESTABLISHED) unread.set(Number.parseInt(remote.slice(9), 16), Number.parseInt(waiting, 16))
  }
  return unread
}
