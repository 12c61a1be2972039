import { createHmac, hkdfSync } from 'node:crypto'
import type { FieldCipher, FieldPlace } from '../modules/kernel/field-cipher.ts'
import { masterKeyName } from './audit/images/key-wrapper.ts'
import { KEY_BYTES, open, seal } from './audit/images/sealing.ts'

type Keys = { readonly name: string; readonly sealing: Uint8Array; readonly fingerprinting: Uint8Array }

/** An encrypted field names a master key that is not configured. */
export class FieldKeyMissingError extends Error {
  readonly code = 'MASTER_KEY_MISSING'

  constructor(name: string) {
    super(
      `An encrypted field needs the master key ${name}, which is not configured: put it back, after the newest one, into CHIRON_MASTER_KEY (separated by a comma) or into the master key file (one a line).`,
    )
    this.name = 'FieldKeyMissingError'
  }
}

/** An encrypted field does not open under the key that it names: somebody changed it, or moved it from another row. */
export class FieldDamagedError extends Error {
  readonly code = 'FIELD_DAMAGED'

  constructor({ table, column, id }: FieldPlace) {
    super(`${table}.${column} of ${id} has been altered and does not open any more: restore the row from a backup.`)
    this.name = 'FieldDamagedError'
  }
}

/**
 * Encrypts fields with AES-256-GCM under keys that are derived from the master keys, the newest first; see FieldCipher. Derived, so that a
 * key never does two things: neither wraps what it seals, nor fingerprints under what it encrypts.
 */
export function createFieldCipher(masterKeys: readonly Uint8Array[]): FieldCipher {
  const keys = masterKeys.map(deriveKeys)
  const [newest, ...older] = keys
  if (newest === undefined) throw new RangeError('fields need a master key')
  const fingerprint = ({ fingerprinting }: Keys, plain: string, { organisationId, table, column }: Omit<FieldPlace, 'id'>) =>
    createHmac('sha256', fingerprinting).update(`${organisationId}\n${table}\n${column}\n${plain}`).digest('hex')
  return {
    seal: (plain, place) => `${newest.name}.${seal(newest.sealing, Buffer.from(plain), contextOf(place)).toString('base64url')}`,
    open: (sealed, place) => {
      const [name = '', value = ''] = sealed.split('.')
      const key = keys.find((candidate) => candidate.name === name)
      if (!key) throw new FieldKeyMissingError(name)
      const plain = open(key.sealing, Buffer.from(value, 'base64url'), contextOf(place))
      if (!plain) throw new FieldDamagedError(place)
      return plain.toString()
    },
    keyName: newest.name,
    fingerprints: (plain, place) => ({ current: fingerprint(newest, plain, place), older: older.map((key) => fingerprint(key, plain, place)) }),
  }
}

function deriveKeys(master: Uint8Array): Keys {
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', master, '', `chiron field v1 ${purpose}`, KEY_BYTES))
  return { name: masterKeyName(master), sealing: derive('seal'), fingerprinting: derive('fingerprint') }
}

function contextOf({ organisationId, table, column, id }: FieldPlace): string {
  return `chiron field v1\n${organisationId}\n${table}\n${column}\n${id}`
}
