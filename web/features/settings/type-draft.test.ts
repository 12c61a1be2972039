import { describe, expect, it } from 'vitest'

import { codeOf } from './type-draft.ts'

describe('the code of a kind of visit', () => {
  it('follows from its name: plain letters, digits and hyphens, a letter first', () => {
    expect(codeOf('Radiografía dental')).toBe('radiografia-dental')
    expect(codeOf('  2ª revisión (niños) ')).toBe('revision-ninos')
    expect(codeOf('¿?')).toBe('')
  })

  it('is no longer than a code may be', () => {
    expect(codeOf(`${'consulta '.repeat(8)}`)).toMatch(/^[a-z][a-z0-9-]{0,39}$/)
  })
})
