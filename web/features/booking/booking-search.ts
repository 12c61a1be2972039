import { dateParam, textParam, uuidParam } from '../../search-params.ts'

export type BookingSearch = {
  type?: string
  /** The first of the days that are shown. */
  from?: string
  day?: string
  /** The start that was chosen, as an instant. */
  at?: string
}

export function readBookingSearch(raw: Record<string, unknown>): BookingSearch {
  const at = textParam(raw, 'at')
  return {
    type: uuidParam(raw, 'type'),
    from: dateParam(raw, 'from'),
    day: dateParam(raw, 'day'),
    at: at !== undefined && !Number.isNaN(Date.parse(at)) ? at : undefined,
  }
}
