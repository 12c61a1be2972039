import type { Cache, UpdateResolver } from '@urql/exchange-graphcache'
import { cacheExchange } from '@urql/exchange-graphcache'
import type { Exchange } from 'urql'

import { possibleTypes, typesWithoutId } from './gql/possible-types.ts'

const ALERTS = ['inventoryAlerts', 'dailySummary']
const DAY = ['daySchedule', 'scheduleRange', 'scheduleCounts', 'openSlots', 'dailySummary']
const REQUESTS = ['bookingRequests']
const TIME_OFF = ['timeOffRequests', 'timeOffBalances']

/** Root fields that a mutation makes stale. Records that it returns are updated in place by their id. */
const STALE_AFTER: Record<string, readonly string[]> = {
  bookAppointment: DAY,
  rescheduleAppointment: DAY,
  cancelAppointment: DAY,
  setAppointmentStatus: ['scheduleCounts', 'dailySummary'],
  createClient: ['clients'],
  createPatient: ['searchPatients'],
  writeNote: ['patient', 'notes'],
  addAddendum: ['patient', 'notes'],
  recordMovement: ALERTS,
  confirmBookingRequest: [...REQUESTS, ...DAY],
  declineBookingRequest: REQUESTS,
  setBookingPage: ['bookingPage'],
  requestTimeOff: TIME_OFF,
  cancelTimeOff: [...TIME_OFF, ...DAY],
  refuseTimeOff: TIME_OFF,
  approveTimeOff: [...TIME_OFF, ...DAY],
}

/** Normalised cache: one copy of each record, so that a status that changes in one place changes everywhere. */
export function createCache(): Exchange {
  return cacheExchange({
    possibleTypes,
    keys: Object.fromEntries(typesWithoutId.map((type) => [type, () => null])),
    updates: {
      Mutation: Object.fromEntries(Object.entries(STALE_AFTER).map(([name, fields]) => [name, invalidating(fields)])),
    },
  })
}

function invalidating(fields: readonly string[]): UpdateResolver {
  return (_result, _args, cache) => {
    for (const field of fields) invalidateField(cache, field)
  }
}

function invalidateField(cache: Cache, field: string): void {
  for (const entry of cache.inspectFields('Query')) {
    if (entry.fieldName === field) cache.invalidate('Query', entry.fieldKey)
  }
}
