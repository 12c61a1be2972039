import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createFieldCipher, FieldDamagedError, FieldKeyMissingError } from './field-cipher.ts'

const [one, two] = [randomBytes(32), randomBytes(32)]
const place = { organisationId: 'o', table: 't', column: 'c', id: 'r' }

describe('the field cipher', () => {
  it('opens what it sealed, and never seals the same twice', () => {
    const cipher = createFieldCipher([one])
    const sealed = cipher.seal('1234567 ñ', place)
    expect(sealed).not.toContain('1234567')
    expect(sealed).not.toBe(cipher.seal('1234567 ñ', place))
    expect(cipher.open(sealed, place)).toBe('1234567 ñ')
  })

  it.each(['organisationId', 'table', 'column', 'id'])('refuses a value that was moved to another %s', (part) => {
    const cipher = createFieldCipher([one])
    expect(() => cipher.open(cipher.seal('1234567', place), { ...place, [part]: 'x' })).toThrow(FieldDamagedError)
  })

  it('refuses a value of which a single character is another', () => {
    const cipher = createFieldCipher([one])
    const sealed = cipher.seal('1234567', place)
    const at = sealed.indexOf('.') + 5
    const altered = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    expect(() => cipher.open(altered, place)).toThrow(FieldDamagedError)
    expect(() => cipher.open(sealed.slice(0, -1), place)).toThrow(FieldDamagedError)
  })

  it('seals under the newest key, opens under all of them, and names one that is missing', () => {
    const [before, between, after] = [createFieldCipher([one]), createFieldCipher([two, one]), createFieldCipher([two])]
    const old = before.seal('1234567', place)
    expect(between.open(old, place)).toBe('1234567')
    expect(old.startsWith(`${before.keyName}.`)).toBe(true)
    expect(between.seal('1234567', place).startsWith(`${after.keyName}.`)).toBe(true)
    expect(after.keyName).not.toBe(before.keyName)
    expect(after.open(between.seal('1234567', place), place)).toBe('1234567')
    expect(() => after.open(old, place)).toThrow(FieldKeyMissingError)
  })

  it('gives equal values equal fingerprints within an organisation and a column, and knows those of older keys', () => {
    const cipher = createFieldCipher([one])
    const { current } = cipher.fingerprints('1234567', place)
    expect(current).toMatch(/^[0-9a-f]{64}$/)
    expect(cipher.fingerprints('1234567', place).current).toBe(current)
    for (const other of [
      { ...place, organisationId: 'x' },
      { ...place, column: 'x' },
    ])
      expect(cipher.fingerprints('1234567', other).current).not.toBe(current)
    expect(cipher.fingerprints('1234568', place).current).not.toBe(current)
    expect(createFieldCipher([two, one]).fingerprints('1234567', place).older).toEqual([current])
  })

  it('needs a key', () => {
    expect(() => createFieldCipher([])).toThrow(RangeError)
  })
})
