import type { AuditEntry } from './queries.ts'

/** A record that an operation named, with all of its fields that were read or changed. */
export type TouchedRecord = { readonly type: string; readonly id: string; readonly isChanged: boolean; readonly fields: readonly string[] }

/** Every record that an entry names, once: changed ones first, then by type and id. */
export function listTouchedRecords({ reads, changes }: Pick<AuditEntry, 'reads' | 'changes'>): TouchedRecord[] {
  const records = new Map<string, { type: string; id: string; isChanged: boolean; fields: Set<string> }>()
  for (const [accesses, isChanged] of [[changes, true] as const, [reads, false] as const])
    for (const { type, ids, fields } of accesses)
      for (const id of ids) {
        const known = records.get(`${type} ${id}`) ?? { type, id, isChanged, fields: new Set() }
        for (const field of fields) known.fields.add(field)
        records.set(`${type} ${id}`, known)
      }
  return [...records.entries()]
    .sort(([a, one], [b, other]) => Number(other.isChanged) - Number(one.isChanged) || (a < b ? -1 : 1))
    .map(([, { fields, ...record }]) => ({ ...record, fields: [...fields].sort() }))
}
