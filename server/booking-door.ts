import { GraphQLError } from 'graphql'
import { TooManyAttemptsError } from '../modules/access/index.ts'
import type { Locale, VisitorActor } from '../modules/kernel/actor.ts'
import type { BookingDoor, BookingPort } from '../schema/context.ts'
import type { BookingLimits } from './auth/rate-limits.ts'
import type { Database } from './db.ts'
import { loadJobClinic } from './jobs/job-actor.ts'
import { type MutationPorts, runMutation } from './run-mutation.ts'

const LONGEST_SLUG = 60
// How soon somebody may look again when too many do.
const CROWDED_SECONDS = 10

type DoorPorts = MutationPorts & { readonly limits: BookingLimits; readonly address: string; readonly locale: Locale }

/**
 * The doors of clinics to people who have not signed in: a page's address leads into a scope of that clinic alone, and what happens there is an
 * entry of its log, whoever calls. One door per request, so that one entry tells of it.
 */
export function createBookingPort(ports: DoorPorts): BookingPort {
  const { limits, address, record } = ports
  let opened: { readonly slug: string; readonly door: Promise<BookingDoor | null> } | null = null
  return {
    open: async (slug, step) => {
      const seconds = step === 'look' ? await limits.look(address) : await limits.ask(shorten(slug), address)
      if (seconds > 0) throw turnedAway(record, seconds)
      opened ??= { slug, door: openDoor(ports, slug) }
      if (opened.slug !== slug) throw new GraphQLError('Visit one booking page per request.', { extensions: { code: 'BAD_REQUEST' } })
      const door = await opened.door
      if (door === null && step === 'ask') await limits.giveBack(shorten(slug), address)
      // An expected refusal is part of the answer, where the trail does not look for it.
      if (door === null && step === 'ask') {
        record.outcome = 'refused'
        record.details.add('NOT_FOUND')
      }
      return door
    },
  }
}

/** No page has a longer address: what is remembered of one has a bound. */
function shorten(slug: string): string {
  return slug.slice(0, LONGEST_SLUG)
}

function turnedAway(record: MutationPorts['record'], seconds: number): TooManyAttemptsError {
  record.outcome = 'denied'
  record.details.add('TOO_MANY_ATTEMPTS')
  return new TooManyAttemptsError(seconds)
}

async function openDoor(ports: DoorPorts, slug: string): Promise<BookingDoor | null> {
  const { database, record, locale, limits, address } = ports
  const place = await findPage(database, slug)
  const found = place && (await loadJobClinic(database, place))
  if (!place || !found) return null
  const actor: VisitorActor = { kind: 'visitor', organisationId: place.organisationId, clinic: found.clinic, sharePatients: false, staffId: null, locale }
  const scope = { organisationId: place.organisationId, clinicIds: [place.clinicId], sharePatients: false }
  const { access: log } = record.enter(actor)
  return {
    actor,
    db: database.reader(scope, log),
    // A visitor has no session that could end.
    look: async (work) => {
      if (limits.looks.isFull) throw turnedAway(record, CROWDED_SECONDS)
      return limits.looks.take(work)
    },
    giveBack: () => limits.giveBack(slug, address),
    transact: (info, input, command) => runMutation({ ...ports, check: null }, { actor, scope, log }, info, input, command),
  }
}

/** The one look-up before a tenant is known. Of a page that is closed it says nothing. */
async function findPage({ pool }: Database, slug: string): Promise<{ organisationId: string; clinicId: string } | null> {
  if (slug.length > LONGEST_SLUG || slug.includes('\0') || !slug.isWellFormed()) return null
  const { rows } = await pool.query<{ organisationId: string; clinicId: string }>({
    name: 'find_booking_page',
    text: 'SELECT organisation_id AS "organisationId", clinic_id AS "clinicId" FROM find_booking_page($1)',
    values: [slug],
  })
  return rows[0] ?? null
}
