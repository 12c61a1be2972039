import { describe, expect, it } from 'vitest'

import { PERMISSIONS } from '../../modules/kernel/permissions.ts'
import { resources as en } from './en/index.ts'
import { resources as es } from './es-MX/index.ts'

type Texts = { readonly [key: string]: string | Texts }

function flatten(texts: Texts, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === 'string') flat.set(`${prefix}${key}`, value)
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text)
  }
  return flat
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort()

describe('the texts of the web client', () => {
  const spanish = flatten(es)
  const english = flatten(en)

  it('exist in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...spanish.keys()].sort())
  })

  it('are never empty', () => {
    for (const [key, text] of [...spanish, ...english]) expect(text.trim(), key).not.toBe('')
  })

  it('take the same parameters in both languages', () => {
    for (const [key, text] of spanish) expect(placeholders(english.get(key) ?? ''), key).toEqual(placeholders(text))
  })

  it('name every permission, for the forbidden state', () => {
    const named = Object.keys(es.codes.permission).sort()
    expect(named).toEqual(
      Object.keys(PERMISSIONS)
        .map((code) => code.replaceAll(':', '_'))
        .sort(),
    )
  })
})
