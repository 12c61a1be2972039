import { z } from 'zod'

/** The channel on which the sequencer tells of changes, and every API process listens. */
export const LIVE_CHANNEL = 'chiron_live'

/** PostgreSQL takes payloads below 8,000 bytes. */
export const PAYLOAD_BYTES = 7_900

const change = z.object({ type: z.string(), /** Null: any of this type. */ ids: z.array(z.uuid()).nullable() })

const announcement = z.object({
  organisation: z.uuid(),
  clinic: z.uuid(),
  /** The newest of the entries that say so; null when they were too many to be read. */
  entry: z.uuid().nullable(),
  /** Null: anything may have changed. */
  changes: z.array(change).nullable(),
})

/** What changed at one clinic: types and opaque ids, never a value. */
export type Announcement = z.infer<typeof announcement>
export type AnnouncedChange = z.infer<typeof change>

/** Null for what is none: any login of the database may send on a channel. */
export function parseAnnouncement(payload: string): Announcement | null {
  try {
    return announcement.safeParse(JSON.parse(payload)).data ?? null
  } catch {
    return null
  }
}
