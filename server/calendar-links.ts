import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { CalendarPort } from '../schema/context.ts'

const LABEL = 'chiron/calendar-feed/v1'
const PATH = /^\/calendar\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})\.ics$/

/** Names a feed; the hash proves that whoever brings the address was given it. */
export type FeedAddress = { readonly feedId: string; readonly tokenHash: Uint8Array }

/**
 * Makes and reads addresses of feeds: `/calendar/<id>.<secret>.<signature>.ics`. The secret follows from 256 random bits and a key of the
 * server's: to everybody without that key it is as good as random, and a repeated request can be answered with the address of the first
 * one although none is stored. The signature refuses what nobody made without asking the database.
 */
export class CalendarLinks implements CalendarPort {
  readonly #key: Uint8Array
  readonly #origin: string

  /** @param tokenKey the server's; with another one every address is refused */
  constructor(tokenKey: Uint8Array, origin: string) {
    // A key of its own: nothing that is signed elsewhere can be an address, nor the other way round.
    this.#key = new Uint8Array(hkdfSync('sha256', tokenKey, '', LABEL, 32))
    this.#origin = origin
  }

  link(feedId: string, seed: string): { url: string; tokenHash: Uint8Array } {
    const secret = this.#mac(`secret ${feedId}.${seed}`)
    return { url: `${this.#origin}/calendar/${feedId}.${secret}.${this.#mac(`link ${feedId}.${secret}`)}.ics`, tokenHash: hashOf(secret) }
  }

  /** The feed that a path names; null for a path that this server did not make. */
  read(pathname: string): FeedAddress | null {
    const [, feedId = '', secret = '', signature = ''] = PATH.exec(pathname) ?? []
    const expected = this.#mac(`link ${feedId}.${secret}`)
    if (signature.length !== expected.length || !timingSafeEqual(Buffer.from(signature), Buffer.from(expected))) return null
    return { feedId, tokenHash: hashOf(secret) }
  }

  #mac(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}

function hashOf(secret: string): Uint8Array {
  return createHash('sha256').update(secret).digest()
}

/** True for paths that only the calendar route answers. */
export function isCalendarPath(pathname: string): boolean {
  return pathname.startsWith('/calendar/')
}

/** A path as logs may hold it: the address of a feed is all that it takes to read it. */
export function loggedPath(pathname: string): string {
  return isCalendarPath(pathname) ? '/calendar/…' : pathname
}
