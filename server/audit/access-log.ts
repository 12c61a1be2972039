import type { DataClass } from '../../modules/kernel/permissions.ts'

/** Ids of one record type that were touched with one set of fields. */
export type Access = { readonly type: string; readonly fields: readonly string[]; readonly ids: readonly string[] }
export type Aggregate = { readonly name: string; readonly params: Readonly<Record<string, string>> }

/** What one operation (or one transaction of it) read and changed, grouped by record type and field set. */
export class AccessLog {
  readonly #reads = new Map<string, { type: string; fields: readonly string[]; ids: Set<string> }>()
  readonly #changes = new Map<string, { type: string; fields: readonly string[]; ids: Set<string> }>()
  readonly aggregates: Aggregate[] = []
  readonly classes = new Set<DataClass>()
  reason: string | null = null

  reads(type: string, ids: Iterable<string>, fields: readonly string[]): void {
    add(this.#reads, type, ids, fields)
  }

  changes(type: string, ids: Iterable<string>, fields: readonly string[]): void {
    add(this.#changes, type, ids, fields)
  }

  /** Takes over what another log says was read: its changes were rolled back, but the refusal may tell of what it saw. */
  absorbReads(other: AccessLog): void {
    for (const { type, fields, ids } of other.#reads.values()) this.reads(type, ids, fields)
    this.aggregates.push(...other.aggregates)
  }

  isEmpty(): boolean {
    return this.#reads.size === 0 && this.#changes.size === 0 && this.aggregates.length === 0
  }

  summary(): { reads: Access[]; changes: Access[]; types: string[]; ids: string[] } {
    const reads = list(this.#reads)
    const changes = list(this.#changes)
    const all = [...reads, ...changes]
    return {
      reads,
      changes,
      types: [...new Set(all.map((access) => access.type))].sort(),
      ids: [...new Set(all.flatMap((access) => access.ids))].sort(),
    }
  }
}

type Groups = Map<string, { type: string; fields: readonly string[]; ids: Set<string> }>

/** Sorted fields and the key of their group: most lists of fields are constants, which come again and again. */
const known = new WeakMap<readonly string[], { readonly sorted: readonly string[]; readonly joined: string }>()

function sort(fields: readonly string[]): { readonly sorted: readonly string[]; readonly joined: string } {
  const kept = known.get(fields)
  if (kept) return kept
  const sorted = [...fields].sort()
  const made = { sorted, joined: sorted.join(',') }
  if (Object.isFrozen(fields)) known.set(fields, made)
  return made
}

function add(groups: Groups, type: string, ids: Iterable<string>, fields: readonly string[]): void {
  const { sorted, joined } = sort(fields)
  const key = `${type}:${joined}`
  const group = groups.get(key) ?? { type, fields: sorted, ids: new Set() }
  for (const id of ids) group.ids.add(id)
  if (group.ids.size > 0) groups.set(key, group)
}

function list(groups: Groups): Access[] {
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => ({ type: group.type, fields: group.fields, ids: [...group.ids].sort() }))
}
