import { describe, expect, it } from 'vitest'
import { CLIENT_KINDS } from '../../modules/communication/vocabulary.ts'
import { LOCALES } from '../../modules/kernel/actor.ts'
import { newId } from '../../modules/kernel/ids.ts'
import { UnsubscribeTokens } from './unsubscribe-token.ts'

const tokens = new UnsubscribeTokens(new Uint8Array(32).fill(7))
const permitted = { organisationId: newId(), clinicId: newId(), clientId: newId(), kind: 'reminder', locale: 'en' } as const

describe('a token', () => {
  it('says what it permits, for every kind and language', () => {
    for (const kind of CLIENT_KINDS)
      for (const locale of LOCALES) expect(tokens.read(tokens.make({ ...permitted, kind, locale }))).toEqual({ ...permitted, kind, locale })
  })

  it('that was changed anywhere permits nothing', () => {
    const token = tokens.make(permitted)
    const bytes = Buffer.from(token, 'base64url')
    for (const place of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8((changed.readUInt8(place) + 1) % 256, place)
      expect([place, tokens.read(changed.toString('base64url'))]).toEqual([place, null])
    }
  })

  it('of another installation, of another length or with another ending permits nothing', () => {
    const token = tokens.make(permitted)
    expect(new UnsubscribeTokens(new Uint8Array(32).fill(8)).read(token)).toBeNull()
    for (const other of ['', 'x', token.slice(0, -1), `${token}A`, `${token}=`, ` ${token}`]) expect([other, tokens.read(other)]).toEqual([other, null])
  })
})
