import { isUuid } from '../kernel/ids.ts'

/**
 * A place in the trail, which is ordered by instant and then by id. The instant keeps PostgreSQL's microseconds as text:
 * a Date would round them, and entries of one millisecond would be skipped or shown twice.
 */
export type TrailPlace = { readonly atText: string; readonly id: string }

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** Writes a place as an opaque cursor. */
export function toCursor({ atText, id }: TrailPlace): string {
  return Buffer.from(`${atText} ${id}`).toString('base64url')
}

/** Reads a cursor of `toCursor`; null for any other text. */
export function fromCursor(cursor: string): TrailPlace | null {
  const [atText = '', id = '', ...rest] = Buffer.from(cursor, 'base64url').toString().split(' ')
  return INSTANT.test(atText) && !Number.isNaN(Date.parse(atText)) && isUuid(id) && rest.length === 0 ? { atText, id } : null
}
