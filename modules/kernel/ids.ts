import { randomFillSync } from 'node:crypto'

/**
 * A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits, so that new rows land at the end of their index.
 * Records that refer to each other inside one transaction get theirs here; all others from the database.
 */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytesOf16()
  bytes.writeUIntBE(now, 0, 6)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

// A call for each id costs more than the id; nothing is given out twice.
const pool = Buffer.alloc(16 * 256)
let used = pool.length

function randomBytesOf16(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const bytes = Buffer.from(pool.subarray(used, used + 16))
  used += 16
  return bytes
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** True for a UUID in the lower-case form that the API sends. */
export function isUuid(text: string): boolean {
  return UUID.test(text)
}

export const NIL_ID = '00000000-0000-0000-0000-000000000000'
