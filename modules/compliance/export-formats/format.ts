import { Temporal } from 'temporal-polyfill'
import type { StartedExport } from '../export-job.ts'
import type { ExportRow, SpineCheckpoint } from '../export-rows.ts'
import type { AuditFilter } from '../queries.ts'

/** What surrounds the entries in a file. */
export type ExportFacts = {
  readonly locale: StartedExport['locale']
  /** IANA zone of the clinic, in which instants are written. */
  readonly timeZone: string
  readonly clinicName: string
  readonly requestedByName: string
  readonly reason: string
  readonly filter: AuditFilter
  /** Entries up to here. */
  readonly takenAtText: string
  readonly checkpoint: SpineCheckpoint | null
}

/** Turns pages of entries, newest first, into the bytes of a file, piece by piece. */
export type ExportFormatter = (pages: AsyncIterable<readonly ExportRow[]>, facts: ExportFacts) => AsyncIterable<string | Uint8Array>

/** An instant of the trail on the clinic's clock, in ISO 8601 with its offset: `2026-03-10T00:00:00.123456-06:00`. */
export function toClinicTime(atText: string, timeZone: string): string {
  return Temporal.Instant.from(atText).toZonedDateTimeISO(timeZone).toString({ timeZoneName: 'never', fractionalSecondDigits: 6 })
}
