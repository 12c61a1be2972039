import type { TypeFieldsFragment } from '../../gql/graphql.ts'

/** What the form of a kind of visit holds. */
export type TypeDraft = Omit<
  TypeFieldsFragment,
  'id' | 'version' | 'isArchived' | ' $fragmentName' | '__typename' | 'staffBuffer' | 'roomBuffer' | 'equipmentBuffer'
> & {
  staffBuffer: Buffer
  roomBuffer: Buffer
  equipmentBuffer: Buffer
}
export type Buffer = { readonly before: number; readonly after: number }

const LONGEST_CODE = 40

/** A code that reports and rules can know a name by: `Radiografía dental` is `radiografia-dental`. */
export function codeOf(name: string): string {
  const plain = name.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, LONGEST_CODE)
    .replace(/-+$/, '')
}

/** What both creating and changing take; the cache's own marks stay behind. */
export function fieldsOf({ name, durationMinutes, colour, isOnline, serviceId, positions, roomKinds, equipmentKinds, ...buffers }: TypeDraft) {
  return {
    name: name.trim(),
    durationMinutes,
    colour,
    isOnline,
    serviceId,
    positions: [...positions],
    roomKinds: [...roomKinds],
    equipmentKinds: [...equipmentKinds],
    staffBuffer: minutesOf(buffers.staffBuffer),
    roomBuffer: minutesOf(buffers.roomBuffer),
    equipmentBuffer: minutesOf(buffers.equipmentBuffer),
  }
}

function minutesOf({ before, after }: Buffer): Buffer {
  return { before, after }
}

export function isComplete({ name, code }: TypeDraft): boolean {
  return name.trim() !== '' && (code !== '' || codeOf(name) !== '')
}
