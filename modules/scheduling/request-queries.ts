import type { BookingPage, BookingRequest, Client } from '../../prisma/client/client.ts'
import type { ClinicActor } from '../kernel/actor.ts'
import type { Db, Tx } from '../kernel/db.ts'
import { clients } from '../patients/index.ts'
import { bookingPages, bookingRequests } from './request-records.ts'

export const REQUEST_STATUSES = ['requested', 'confirmed', 'declined', 'expired'] as const
export type RequestStatus = (typeof REQUEST_STATUSES)[number]

/** Reads a status from the database. Throws RangeError on anything else, which its CHECK makes impossible. */
export function toRequestStatus(found: string): RequestStatus {
  const status = REQUEST_STATUSES.find((known) => known === found)
  if (status === undefined) throw new RangeError(`not a status of a request: ${found}`)
  return status
}

const MOST_REQUESTS = 200

/** What was asked for at the active clinic: what waits for an answer first, by when it expires, then what was decided last. At most 200. */
export async function listBookingRequests(db: Db, actor: ClinicActor, statuses: readonly RequestStatus[]): Promise<BookingRequest[]> {
  return bookingRequests.read(db, {
    name: 'list_booking_requests',
    text: `SELECT ${bookingRequests.columns('a')} FROM booking_request a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = ANY ($3::text[])
      ORDER BY CASE WHEN a.status = 'requested' THEN a.expires_at END NULLS LAST, a.decided_at DESC, a.id LIMIT ${MOST_REQUESTS}`,
    values: [actor.organisationId, actor.clinic.id, [...statuses]],
  })
}

export async function findBookingRequestsByIds(db: Db, actor: ClinicActor, ids: readonly string[]): Promise<BookingRequest[]> {
  return bookingRequests.read(db, {
    name: 'find_booking_requests_by_ids',
    text: `SELECT ${bookingRequests.columns('a')} FROM booking_request a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...ids]],
  })
}

// The last digits of a number are the same with and without the code of a country.
const DIGITS = (column: string) => `right(regexp_replace(${column}, '\\D', '', 'g'), 8)`

/** How many requests keep a slot at the active clinic, and how many of these name the same address or number. */
export async function countOpenRequests(
  tx: Tx,
  actor: ClinicActor,
  { contactMail, contactPhone }: { readonly contactMail: string | null; readonly contactPhone: string | null },
): Promise<{ open: number; own: number }> {
  const [counts] = await tx.query<{ open: number; own: number }>({
    name: 'count_open_requests',
    text: `SELECT count(*)::int AS open, (count(*) FILTER (WHERE lower(a.contact_mail) = lower($4::text) OR ${DIGITS('a.contact_phone')} = ${DIGITS('$5::text')}))::int AS own
      FROM booking_request a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.status = 'requested' AND a.expires_at > $3::timestamptz`,
    values: [actor.organisationId, actor.clinic.id, tx.clock.now().toISOString(), contactMail, contactPhone],
  })
  return counts ?? { open: 0, own: 0 }
}

/** Clients who can be reached at the address or under the number that a request names: at most five each, for people to choose from. One statement. */
export async function listMatchesByRequest(db: Db, actor: ClinicActor, requestIds: readonly string[]): Promise<ReadonlyMap<string, readonly Client[]>> {
  const rows = await db.query<{ requestId: string; client: Client }>({
    name: 'list_matches_by_request',
    text: `SELECT r.id::text AS "requestId", row_to_json(found) AS client FROM booking_request r, LATERAL (
        SELECT ${clients.columns('c')} FROM client c WHERE c.organisation_id = r.organisation_id AND c.archived_at IS NULL
          AND (lower(c.email) = lower(r.contact_mail) OR (length(${DIGITS('r.contact_phone')}) = 8 AND ${DIGITS('c.phone')} = ${DIGITS('r.contact_phone')}))
        ORDER BY c.name, c.id LIMIT 5) AS found
      WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.id = ANY ($3::uuid[])`,
    values: [actor.organisationId, actor.clinic.id, [...requestIds]],
  })
  const matched = clients.take(
    db,
    rows.map(({ client }) => client),
  )
  const pairs = rows.map(({ requestId }, index) => ({ requestId, client: matched[index] }))
  return new Map([...Map.groupBy(pairs, ({ requestId }) => requestId)].map(([id, some]) => [id, some.flatMap(({ client }) => client ?? [])]))
}

/** The active clinic's page for bookings; null as long as nobody has set one up. */
export async function findBookingPage(db: Db, actor: ClinicActor): Promise<BookingPage | null> {
  const [page] = await bookingPages.read(db, {
    name: 'find_booking_page_of_clinic',
    text: `SELECT ${bookingPages.columns('p')} FROM booking_page p WHERE p.organisation_id = $1::uuid AND p.clinic_id = $2::uuid`,
    values: [actor.organisationId, actor.clinic.id],
  })
  return page ?? null
}
