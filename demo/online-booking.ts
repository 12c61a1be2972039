import type { SystemActor } from '../modules/kernel/actor.ts'
import type { Tx } from '../modules/kernel/db.ts'
import { addDays, type LocalDate } from '../modules/kernel/time.ts'
import { setBookingPage } from '../modules/scheduling/booking-page.ts'
import { searchSlots } from '../modules/scheduling/index.ts'
import { requestBooking } from '../modules/scheduling/requests.ts'
import { DEMO_PAGE } from './clinic-data.ts'
import { entryOf } from './random.ts'
import type { ClinicRecords } from './records.ts'

/** The page on which strangers ask for a visit, and one who waits for an answer. */
export async function openBookingPage(tx: Tx, actor: SystemActor, records: ClinicRecords, anchor: LocalDate): Promise<void> {
  await setBookingPage(tx, actor, { slug: DEMO_PAGE, isOpen: true, daysAhead: 60 })
  const typeId = entryOf(records.types, 'consulta')
  const [slot] = await searchSlots(tx, actor, { typeId, from: addDays(anchor, 3), until: addDays(anchor, 12), earliest: '10:00', limit: 1 }, tx.clock.now())
  // A book that is full for days has no room for strangers.
  if (!slot) return
  await requestBooking(tx, actor, {
    typeId,
    startsAt: slot.start,
    locale: 'es-MX',
    contactName: 'Ximena Robles Aguilar',
    contactPhone: '55 4433 2211',
    contactMail: 'ximena.robles@correo.example',
    patientName: 'Canelo',
    speciesCode: 'canine',
    breed: 'mestizo',
    note: 'Lleva dos días sin querer comer.',
  })
}
