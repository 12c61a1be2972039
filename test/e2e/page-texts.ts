import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { buildSchema, isEnumType } from 'graphql'

const schema = buildSchema(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8'))
const enumValues = new Set(
  Object.values(schema.getTypeMap())
    .filter((type) => isEnumType(type) && !type.name.startsWith('__'))
    .flatMap((type) => (isEnumType(type) ? type.getValues().map(({ name }) => name) : [])),
)

// What a reader sees or hears, but for code elements, which hold identifiers on purpose, and for what is being written.
const COLLECT = `(() => {
  const texts = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (parent && !parent.closest('code, script, style, textarea')) texts.push(walker.currentNode.data.trim())
  }
  for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) texts.push((element.getAttribute(name) ?? '').trim())
  return texts.filter((text) => text !== '')
})()`

// schedule:book.title, status.CHECKED_IN, clinic_admin, medical-record:read, CHECKED_IN, {{count}}
const RAW = [/\b[a-z]\w*(?:[.:][a-z]\w*)+\b/i, /\b[a-z]+(?:_[a-z]+)+\b/, /\b[A-Z]+(?:_[A-Z]+)+\b/, /\{\{|\}\}/, /\[object |undefined|\bNaN\b|Invalid Date/]
// Addresses of people and of the network are shown as they are.
const ADDRESSES = /\S+@\S+|https?:\S+/g

/** Texts of a page that are a key or a code instead of words. */
export async function findRawTexts(page: Page): Promise<string[]> {
  const texts = await page.evaluate<string[]>(COLLECT)
  return texts.filter((text) => {
    const words = text.replaceAll(ADDRESSES, '')
    return RAW.some((pattern) => pattern.test(words)) || enumValues.has(words)
  })
}
