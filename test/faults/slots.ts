import { addPatient } from '../world-patients.ts'
import { BOOK } from './desk.ts'
import { count, type Fault, mustBeZero } from './fault.ts'
import { Random } from './random.ts'
import { checkWholeness } from './wholeness.ts'

const CLIENTS = 100
const SLOTS = 20
// Nine in the morning, in the clinic's zone.
const FIRST_MINUTE_UTC = 15 * 60

export const slots: Fault = {
  name: 'slots',
  title: `${CLIENTS} clients on ${SLOTS} slots`,
  run: async ({ seed, isQuick, lab }) => {
    const desk = await lab.desk()
    const random = new Random(seed)
    const { typeId, staffId, roomId } = lab.world.practice
    const patients = await Promise.all(Array.from({ length: 10 }, () => addPatient(lab.app, lab.world.actor)))
    const rounds = isQuick ? 1 : 20
    const totals = { wins: 0, taken: 0, other: 0, wrongRounds: 0, rows: 0 }
    for (let round = 0; round < rounds; round += 1) {
      // A Monday of its own, in a year that no other fault books.
      const startsAt = (slot: number) => new Date(Date.UTC(2029, 0, 1 + 7 * round, 0, FIRST_MINUTE_UTC + 20 * slot)).toISOString()
      const order = random.shuffle(Array.from({ length: CLIENTS }, (_, index) => index))
      const before = await lab.countRows('SELECT count(*) AS n FROM appointment')
      const replies = await Promise.all(
        order.map((index) =>
          desk.send(
            BOOK,
            { input: { patientId: patients[index % 10]?.id, typeId, staffId, roomId, startsAt: startsAt(index % SLOTS) } },
            `slots-${seed}-${round}-${index}`,
          ),
        ),
      )
      const wins = replies.filter(({ value }) => value?.__typename === 'Appointment').length
      const taken = replies.filter(({ value }) => value?.__typename === 'SlotTaken').length
      totals.wins += wins
      totals.taken += taken
      totals.other += CLIENTS - wins - taken
      totals.wrongRounds += wins === SLOTS ? 0 : 1
      totals.rows += (await lab.countRows('SELECT count(*) AS n FROM appointment')) - before
    }
    return {
      times: rounds,
      lines: [
        count('wins', totals.wins),
        count('typed SlotTaken', totals.taken),
        mustBeZero('other answers', totals.other),
        mustBeZero(`rounds without exactly ${SLOTS} wins`, totals.wrongRounds),
        mustBeZero('appointments that nobody won', totals.rows - totals.wins),
        ...(await checkWholeness(lab)),
      ],
    }
  },
}
