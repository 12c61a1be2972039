import type { Cache, UpdateResolver } from '@urql/exchange-graphcache'
import { cacheExchange } from '@urql/exchange-graphcache'
import type { Exchange } from 'urql'

import { possibleTypes, typesWithoutId } from './gql/possible-types.ts'

const ALERTS = ['inventoryAlerts', 'dailySummary']
const DAY = ['daySchedule', 'scheduleRange', 'scheduleCounts', 'openSlots', 'dailySummary']
const PLACES = ['rooms', 'equipment', 'daySchedule', 'maintenanceWindows']
const CLOSED = [...DAY, 'closures', 'publicHolidays', 'closingImpact', 'holidayImpact']
const MAINTAINED = [...DAY, 'maintenanceWindows', 'closingImpact']
const REQUESTS = ['bookingRequests']
const TIME_OFF = ['timeOffRequests', 'timeOffBalances']
const CREDENTIALS = ['credentials', 'expiringCredentials', 'adverseActions']

const ROSTERS = ['rosterWeek', 'myShifts', 'openShifts', 'shiftSwaps']

/** Root fields that a mutation makes stale. Records that it returns are updated in place by their id. */
const STALE_AFTER: Record<string, readonly string[]> = {
  bookAppointment: DAY,
  // What becomes free is offered to those who wait.
  rescheduleAppointment: [...DAY, 'waitlist'],
  cancelAppointment: [...DAY, 'waitlist'],
  setAppointmentStatus: ['scheduleCounts', 'dailySummary', 'waitlist'],
  bookWalkIn: DAY,
  bookSeries: DAY,
  cancelSeries: [...DAY, 'waitlist'],
  addToWaitlist: ['waitlist'],
  withdrawFromWaitlist: [...DAY, 'waitlist'],
  acceptOffer: [...DAY, 'waitlist'],
  declineOffer: [...DAY, 'waitlist'],
  addClosure: CLOSED,
  removeClosure: CLOSED,
  importHolidays: CLOSED,
  addMaintenance: MAINTAINED,
  removeMaintenance: MAINTAINED,
  createRoom: PLACES,
  updateRoom: PLACES,
  createEquipment: PLACES,
  updateEquipment: PLACES,
  createAppointmentType: ['appointmentTypes'],
  updateAppointmentType: ['appointmentTypes'],
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
  createStaffProfile: ['staff'],
  updateStaffProfile: ['staff', ...DAY],
  setWeeklySchedule: DAY,
  startOnboarding: ['staffTasks'],
  addStaffTask: ['staffTasks'],
  offboardStaffMember: ['staff', 'staffTasks', ...DAY],
  recordCredential: CREDENTIALS,
  updateCredential: CREDENTIALS,
  verifyCredential: CREDENTIALS,
  suspendCredential: CREDENTIALS,
  revokeCredential: CREDENTIALS,
  recordAdverseAction: ['adverseActions'],
  clockIn: ['attendance'],
  clockOut: ['attendance'],
  recordAttendance: ['attendance'],
  correctAttendance: ['attendance'],
  raiseWellbeingFlag: ['wellbeingFlags'],
  markNotificationsRead: ['unreadNotificationCount'],
  resendMessage: ['messages'],
  setMyMailPreference: ['myMailPreference'],
  createMessageRule: ['messageRules'],
  setMessageSettings: ['messageSettings'],
  setClientPreference: ['client'],
  createCalendarFeed: ['calendarFeeds'],
  revokeCalendarFeed: ['calendarFeeds'],
  planShift: [...ROSTERS, ...DAY],
  changeShift: [...ROSTERS, ...DAY],
  removeShift: [...ROSTERS, ...DAY],
  planTemplate: ROSTERS,
  copyRoster: [...ROSTERS, ...DAY],
  publishRoster: [...ROSTERS, ...DAY],
  claimOpenShift: [...ROSTERS, ...DAY],
  releaseShift: [...ROSTERS, ...DAY],
  askSwap: ['shiftSwaps'],
  acceptSwap: ['shiftSwaps'],
  approveSwap: [...ROSTERS, ...DAY],
  refuseSwap: ['shiftSwaps'],
  withdrawSwap: ['shiftSwaps'],
  createShiftTemplate: ['shiftTemplates'],
  updateShiftTemplate: ['shiftTemplates', 'rosterWeek'],
  createCoverageNeed: ['coverageNeeds', 'rosterWeek'],
  endCoverageNeed: ['coverageNeeds', 'rosterWeek'],
  setWorkRule: ['workRule', 'rosterWeek'],
}

/** Normalised cache: one copy of each record, so that a status that changes in one place changes everywhere. */
export function createCache(): Exchange {
  return cacheExchange({
    possibleTypes,
    keys: {
      ...Object.fromEntries(typesWithoutId.map((type) => [type, () => null])),
      // Its id is null as long as the product's own text is sent.
      MessageTemplate: ({ code, channel, locale }) => `${code} ${channel} ${locale}`,
    },
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
