import { createHash } from 'node:crypto'
import { KEY_BYTES, open, seal } from './sealing.ts'

/** The row of audit.data_key that a wrapped key belongs to. */
export type KeyOwner = { readonly id: string; readonly organisationId: string; readonly clinicId: string; readonly subjectId: string }

/**
 * The top of the key hierarchy (master key, clinic, subject): whatever wraps a clinic's key. A key management service takes
 * the place of LocalKeyWrapper by implementing this.
 */
export interface KeyWrapper {
  /** The master key that wraps from now on, as audit.data_key names it. */
  readonly name: string
  /** Wraps under the master key `name`. The result opens for the same owner only. */
  wrap(plain: Uint8Array, owner: KeyOwner): Promise<Buffer>
  /** Unwraps what the master key of that name wrapped. Throws MasterKeyMissingError or KeyDamagedError. */
  unwrap(wrapped: Uint8Array, owner: KeyOwner & { readonly masterKey: string }): Promise<Buffer>
}

/** The installation's master key is not the one under which its keys were wrapped. */
export class MasterKeyMissingError extends Error {
  readonly code = 'MASTER_KEY_MISSING'
  readonly masterKey: string

  constructor(masterKey: string) {
    super(
      `The before and after images of the audit trail need the master key ${masterKey}, which is not configured: put it back, after the newest one, into CHIRON_MASTER_KEY (separated by a comma) or into the master key file (one a line).`,
    )
    this.name = 'MasterKeyMissingError'
    this.masterKey = masterKey
  }
}

/** A wrapped key does not open under the key above it: somebody changed or swapped the row. */
export class KeyDamagedError extends Error {
  readonly code = 'KEY_DAMAGED'

  constructor(keyId: string) {
    super(`The key ${keyId} in audit.data_key has been altered and opens nothing any more: restore the row from a backup.`)
    this.name = 'KeyDamagedError'
  }
}

/** What a wrapped key is bound to, so that wrapped keys cannot be swapped between rows. */
export function ownerText({ id, organisationId, clinicId, subjectId }: KeyOwner): string {
  return `chiron key v1\n${id}\n${organisationId}\n${clinicId}\n${subjectId}`
}

/** Name of a master key: the beginning of a hash of it, so that a rotated key keeps its name wherever it is configured. */
export function masterKeyName(key: Uint8Array): string {
  return `local:${createHash('sha256').update('chiron master key\n').update(key).digest('hex').slice(0, 16)}`
}

/** Wraps under master keys that this installation holds itself: the first one wraps, all of them unwrap. */
export class LocalKeyWrapper implements KeyWrapper {
  readonly name: string
  readonly #newest: Uint8Array
  readonly #keys: ReadonlyMap<string, Uint8Array>

  /** Takes 32-byte keys, the newest first. Throws RangeError for none, or for one of another length. */
  constructor(masterKeys: readonly Uint8Array[]) {
    const [newest] = masterKeys
    if (newest === undefined || masterKeys.some(({ length }) => length !== KEY_BYTES)) throw new RangeError('a master key has 32 bytes')
    this.#newest = newest
    this.#keys = new Map(masterKeys.map((key) => [masterKeyName(key), key]))
    this.name = masterKeyName(newest)
  }

  async wrap(plain: Uint8Array, owner: KeyOwner): Promise<Buffer> {
    return seal(this.#newest, plain, ownerText(owner))
  }

  async unwrap(wrapped: Uint8Array, owner: KeyOwner & { readonly masterKey: string }): Promise<Buffer> {
    const key = this.#keys.get(owner.masterKey)
    if (!key) throw new MasterKeyMissingError(owner.masterKey)
    const plain = open(key, wrapped, ownerText(owner))
    if (!plain) throw new KeyDamagedError(owner.id)
    return plain
  }
}
