import { randomBytes } from 'node:crypto'
import { NIL_ID, newId } from '../../../modules/kernel/ids.ts'
import { MINUTE_MS } from '../../../modules/kernel/time.ts'
import { KeyDamagedError, type KeyOwner, type KeyWrapper, ownerText } from './key-wrapper.ts'
import { KEY_BYTES, open, seal } from './sealing.ts'

/** A row of audit.data_key. */
export type KeyRow = KeyOwner & {
  /** Null for a subject's key, which its clinic's key wraps. */
  readonly masterKey: string | null
  readonly wrapped: Uint8Array
}
/** Whose images one key opens, at one clinic. The nil subject is the clinic itself: its key wraps the others. */
export type KeyPlace = Omit<KeyOwner, 'id'>

type Kept = { readonly key: Buffer; readonly until: number }

const MAX_KEPT = 10_000
const LIFETIME_MS = MINUTE_MS

/** True for the key of a clinic, which a master key wraps. */
export function isClinicKey({ subjectId }: KeyPlace): boolean {
  return subjectId === NIL_ID
}

/**
 * Makes and unwraps the keys of clinics and subjects, and remembers plain keys for a minute. It remembers them by the id of
 * their row, which callers read from the database each time: the key of an erased subject has no row any more and is never
 * asked for again.
 */
export class KeyRing {
  readonly wrapper: KeyWrapper
  readonly #kept = new Map<string, Kept>()
  readonly #maxKept: number
  readonly #now: () => number

  constructor(wrapper: KeyWrapper, options: { readonly maxKept?: number; readonly now?: () => number } = {}) {
    this.wrapper = wrapper
    this.#maxKept = options.maxKept ?? MAX_KEPT
    this.#now = options.now ?? Date.now
  }

  /** How many plain keys are in memory. */
  get size(): number {
    return this.#kept.size
  }

  /**
   * The plain key of a row; `clinic` is the row of its clinic's key, which may be the row itself. Throws
   * MasterKeyMissingError and KeyDamagedError.
   */
  async open(row: KeyRow, clinic: KeyRow): Promise<Buffer> {
    const known = this.#recall(row.id)
    if (known) return known
    const key = isClinicKey(row) ? await this.#openClinicKey(row) : open(await this.open(clinic, clinic), row.wrapped, ownerText(row))
    if (!key) throw new KeyDamagedError(row.id)
    return this.#keep(row.id, key)
  }

  #openClinicKey(row: KeyRow): Promise<Buffer> {
    if (row.masterKey === null) throw new KeyDamagedError(row.id)
    return this.wrapper.unwrap(row.wrapped, { ...row, masterKey: row.masterKey })
  }

  /** A new key for a clinic, not stored yet. */
  async makeClinicKey(place: KeyPlace): Promise<KeyRow> {
    const owner = { ...place, id: newId() }
    return { ...owner, masterKey: this.wrapper.name, wrapped: await this.wrapper.wrap(randomBytes(KEY_BYTES), owner) }
  }

  /** A new key for a subject, not stored yet. */
  async makeSubjectKey(place: KeyPlace, clinic: KeyRow): Promise<KeyRow> {
    const owner = { ...place, id: newId() }
    return { ...owner, masterKey: null, wrapped: seal(await this.open(clinic, clinic), randomBytes(KEY_BYTES), ownerText(owner)) }
  }

  #recall(id: string): Buffer | null {
    const kept = this.#kept.get(id)
    if (kept && kept.until > this.#now()) return kept.key
    this.#kept.delete(id)
    return null
  }

  #keep(id: string, key: Buffer): Buffer {
    // The oldest makes room; each is gone after a minute anyway.
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= this.#maxKept && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(id, { key, until: this.#now() + LIFETIME_MS })
    return key
  }
}
