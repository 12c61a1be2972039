import { useQuery } from 'urql'

import { useFormat } from '../../session/viewer.ts'
import type { Kind } from './BookDrawer.tsx'
import { clockText } from './day-plan.ts'
import { instantAt } from './instant-at.ts'
import type { Place } from './PlaceFields.tsx'
import { OpenSlots } from './slot-documents.ts'

const DAY_MINUTES = 24 * 60

/**
 * The place with the room and the equipment that a type of visit needs, as far as they are free at that time. What somebody has chosen
 * stays; when nothing is free, so does the place, and booking says what is in the way.
 */
export function useSuitablePlace(type: Kind | undefined, place: Place): { place: Place; isLooking: boolean } {
  const { timeZone } = useFormat()
  const hasNeeds = type !== undefined && (type.roomKinds.length > 0 || type.equipmentKinds.length > 0)
  const latest = place.minute + (type?.durationMinutes ?? 0)
  const isPaused = !hasNeeds || place.staffId === '' || (place.equipmentIds?.length ?? 0) > 0 || latest > DAY_MINUTES
  const input = {
    typeId: type?.id ?? '',
    from: place.date,
    until: place.date,
    staffIds: [place.staffId],
    earliest: clockText(place.minute),
    latest: clockText(latest),
    limit: 1,
  }
  const [result] = useQuery({ query: OpenSlots, variables: { input }, pause: isPaused })
  if (isPaused) return { place, isLooking: false }
  const slot = result.data?.openSlots[0]
  const isThen = slot !== undefined && Date.parse(slot.startsAt) === Date.parse(instantAt(place.date, place.minute, timeZone))
  if (!isThen) return { place, isLooking: result.fetching && result.data === undefined }
  return { place: { ...place, roomId: slot.room?.id ?? place.roomId, equipmentIds: slot.equipment.map(({ id }) => id) }, isLooking: false }
}
