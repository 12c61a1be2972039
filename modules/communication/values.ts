import type { Locale, SystemActor } from '../kernel/actor.ts'
import type { Reader } from '../kernel/db.ts'
import { findPatientsByIds } from '../patients/index.ts'
import { findAppointmentsByIds, findBookingRequestsByIds, findTypesByIds } from '../scheduling/index.ts'
import { findStaffByIds } from '../staff/index.ts'
import type { MessageParams } from './params.ts'
import type { Values } from './rendering.ts'

/** Names and times for a text, from the records that a message names as they are now; in the clinic's zone and the recipient's language. */
export async function findValues(
  db: Reader,
  actor: SystemActor,
  { params, locale, recipientName }: { readonly params: MessageParams; readonly locale: Locale; readonly recipientName: string },
): Promise<Values> {
  const [visit] = params.appointmentId === undefined ? [] : await findAppointmentsByIds(db, actor, [params.appointmentId])
  const [request] = params.requestId === undefined ? [] : await findBookingRequestsByIds(db, actor, [params.requestId])
  const wanted = {
    patientId: visit?.patientId ?? params.patientId,
    staffId: visit?.staffId ?? params.staffId,
    typeId: visit?.typeId ?? params.typeId ?? request?.typeId,
  }
  const [patient] = wanted.patientId === undefined ? [] : await findPatientsByIds(db, actor, [wanted.patientId])
  const [person] = wanted.staffId === undefined ? [] : await findStaffByIds(db, actor, [wanted.staffId])
  const [type] = wanted.typeId === undefined ? [] : await findTypesByIds(db, actor, [wanted.typeId])
  return {
    clientName: recipientName,
    recipientName,
    clinicName: actor.clinic.name,
    // Whoever has asked reads the name that they gave.
    ...(request ? { patientName: request.patientName } : patient ? { patientName: patient.name } : {}),
    ...(person ? { staffName: person.name } : {}),
    ...(type ? { typeName: type.name } : {}),
    ...timesOf(params, locale, actor.clinic.timeZone),
  }
}

/** Instants as people read them. */
function timesOf({ startsAt, expiresAt }: MessageParams, locale: Locale, timeZone: string): Values {
  const show = (instant: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(new Date(instant))
  return {
    ...(startsAt === undefined ? {} : { date: show(startsAt, { dateStyle: 'full' }), time: show(startsAt, { timeStyle: 'short' }) }),
    ...(expiresAt === undefined ? {} : { expires: show(expiresAt, { month: 'long', day: 'numeric', hour: 'numeric', minute: '2-digit' }) }),
  }
}
