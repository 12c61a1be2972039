import { readFileSync } from 'node:fs'

const ESTABLISHED = '01'

/** What the system holds for each connection of a server on 127.0.0.1 whose reader does not take it, in bytes. From /proc. */
export function unreadBytes(port: number): number[] {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)
  return rows.flatMap((row) => {
    const [, address, , state, queues = ''] = row.trim().split(/\s+/)
    const [sending = ''] = queues.split(':')
    return address === local && state === ESTABLISHED ? [Number.parseInt(sending, 16)] : []
  })
}
