import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NIL_ID, newId } from '../../../modules/kernel/ids.ts'
import { parseImage, valueIn } from './image-text.ts'
import { KeyRing } from './key-ring.ts'
import { KeyDamagedError, type KeyWrapper, LocalKeyWrapper, MasterKeyMissingError, masterKeyName } from './key-wrapper.ts'
import { open, seal } from './sealing.ts'

const bytes = fc.uint8Array({ maxLength: 300 })

describe('sealing', () => {
  it('opens with the same key and context', () => {
    const key = randomBytes(32)
    fc.assert(
      fc.property(bytes, fc.string(), (plain, context) => {
        expect(open(key, seal(key, plain, context), context)).toEqual(Buffer.from(plain))
      }),
    )
  })

  it('opens nothing when a bit, the key or the context is another', () => {
    const key = randomBytes(32)
    fc.assert(
      fc.property(bytes, fc.nat(), (plain, at) => {
        const sealed = seal(key, plain, 'here')
        const altered = Buffer.from(sealed)
        const bit = at % (altered.length * 8)
        altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        expect(open(key, altered, 'here')).toBeNull()
        expect(open(key, sealed, 'there')).toBeNull()
        expect(open(randomBytes(32), sealed, 'here')).toBeNull()
        expect(open(key, sealed.subarray(0, at % sealed.length), 'here')).toBeNull()
      }),
    )
  })

  it('never seals the same value twice alike', () => {
    const key = randomBytes(32)
    expect(seal(key, Buffer.from('x'), '')).not.toEqual(seal(key, Buffer.from('x'), ''))
  })
})

describe('an image', () => {
  const read = (after: string, name: string) => valueIn(parseImage(Buffer.from(`{"after":${after},"before":null}`))?.after, name)

  it.each([
    ['{"v":"Luz"}', 'Luz'],
    ['{"v":""}', ''],
    ['{"v":true}', 'true'],
    ['{"v":null}', null],
    ['{"w":1}', null],
    ['{"v":9007199254740993}', '9007199254740993'],
    ['{"v":100.000000}', '100.000000'],
    ['{"v":[1,{"a":"b"}]}', '[1,{"a":"b"}]'],
    ['null', null],
  ])('prints %s as the database wrote it', (after, expected) => {
    expect(read(after, 'v')).toBe(expected)
  })

  it.each(['', 'nonsense', '[]', '{"after":1,"before":null}', '{"after":{}}'])('that is none is null: %j', (text) => {
    expect(parseImage(Buffer.from(text))).toBeNull()
  })
})

const place = { organisationId: newId(), clinicId: newId() }
const clinicPlace = { ...place, subjectId: NIL_ID }

describe('the key ring', () => {
  it('opens what it made, and a subject’s key for its own row only', async () => {
    const ring = new KeyRing(new LocalKeyWrapper([randomBytes(32)]))
    const clinic = await ring.makeClinicKey(clinicPlace)
    const [one, two] = [
      await ring.makeSubjectKey({ ...place, subjectId: newId() }, clinic),
      await ring.makeSubjectKey({ ...place, subjectId: newId() }, clinic),
    ]
    expect(await ring.open(one, clinic)).not.toEqual(await ring.open(two, clinic))
    await expect(new KeyRing(ring.wrapper).open({ ...one, wrapped: two.wrapped }, clinic)).rejects.toThrow(KeyDamagedError)
    await expect(new KeyRing(ring.wrapper).open({ ...one, subjectId: two.subjectId }, clinic)).rejects.toThrow(KeyDamagedError)
    await expect(new KeyRing(ring.wrapper).open({ ...clinic, clinicId: newId() }, clinic)).rejects.toThrow(KeyDamagedError)
    await expect(new KeyRing(ring.wrapper).open({ ...clinic, masterKey: null }, clinic)).rejects.toThrow(KeyDamagedError)
  })

  it('asks for a clinic’s key once a minute, and keeps no more keys than it may', async () => {
    let now = 0
    let asked = 0
    const local = new LocalKeyWrapper([randomBytes(32)])
    const counting: KeyWrapper = {
      name: local.name,
      wrap: (plain, owner) => local.wrap(plain, owner),
      unwrap: (wrapped, owner) => {
        asked += 1
        return local.unwrap(wrapped, owner)
      },
    }
    const ring = new KeyRing(counting, { maxKept: 3, now: () => now })
    const clinic = await ring.makeClinicKey(clinicPlace)
    await ring.open(clinic, clinic)
    await ring.open(clinic, clinic)
    expect(asked).toBe(1)
    now = 60_000
    await ring.open(clinic, clinic)
    expect(asked).toBe(2)
    for (let made = 0; made < 6; made += 1) {
      const row = await ring.makeSubjectKey({ ...place, subjectId: newId() }, clinic)
      await ring.open(row, clinic)
      expect(ring.size).toBeLessThanOrEqual(3)
    }
  })
})

describe('master keys', () => {
  it('wrap with the newest and open with any, and say which one is missing', async () => {
    const [older, newest] = [randomBytes(32), randomBytes(32)]
    const before = new LocalKeyWrapper([older])
    const now = new LocalKeyWrapper([newest, older])
    expect(now.name).toBe(masterKeyName(newest))
    const owner = { ...clinicPlace, id: newId() }
    const wrapped = await before.wrap(Buffer.from('key'), owner)
    expect((await now.unwrap(wrapped, { ...owner, masterKey: before.name })).toString()).toBe('key')
    await expect(before.unwrap(await now.wrap(Buffer.from('key'), owner), { ...owner, masterKey: now.name })).rejects.toThrow(MasterKeyMissingError)
    await expect(now.unwrap(wrapped, { ...owner, id: newId(), masterKey: before.name })).rejects.toThrow(KeyDamagedError)
  })

  it('have 32 bytes, and there is at least one', () => {
    expect(() => new LocalKeyWrapper([])).toThrow(RangeError)
    expect(() => new LocalKeyWrapper([randomBytes(32), randomBytes(16)])).toThrow(RangeError)
  })
})
