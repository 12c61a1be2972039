import { invalid } from '../kernel/errors.ts'
import type { AuditFilter } from './queries.ts'

const LONGEST_VALUE = 200

/** Throws InvalidInputError for a filter with a text of more than 200 characters: no entry holds one that it could match. */
export function assertFilter(filter: AuditFilter): void {
  for (const [name, value] of Object.entries(filter)) {
    if (typeof value !== 'string') continue
    if (value.length > LONGEST_VALUE) throw invalid(`filter.${name}`, 'too_big', `at most ${LONGEST_VALUE} characters`)
  }
}

/** Throws InvalidInputError for a filter that cannot be stored. A read merely finds nothing with it. */
export function assertStorable(filter: AuditFilter): void {
  for (const [name, value] of Object.entries(filter))
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
      throw invalid(`filter.${name}`, 'unicode', 'must be well-formed Unicode without NUL')
}

/** Parameters that name or locate a person, however they are written. */
const PERSONAL = new Set(['query', 'address'])
const CODE = /^[\w.:-]{1,64}$/

/** A filter as the evidence may hold it, which nobody can erase: ids, codes and days as they are, of anything else only that it was given. */
export function filterParams(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filter).flatMap(([name, value]) => {
      const text = typeof value === 'string' ? value.trim() : ''
      return text ? [[name, !PERSONAL.has(name) && CODE.test(text) ? text : 'given']] : []
    }),
  )
}
