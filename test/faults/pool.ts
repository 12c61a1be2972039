import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../server/database/connection.ts'
import { CHART, CREATE_CLIENT } from './desk.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'

/** More than the connections that `chiron serve` has. */
const SLOW = 30
const OTHERS = 40
const LIMIT_MS = 2_000

/** Somebody else holds a lock: every connection of the pool comes to wait for it, and the others find none. */
export const pool: Fault = {
  name: 'pool',
  title: `pool exhausted: ${SLOW} operations wait for a lock, ${OTHERS} others come`,
  run: async ({ seed, isQuick, lab }) => {
    const desk = await lab.desk()
    const rounds = isQuick ? 1 : 20
    const chart = () => desk.send(CHART, { id: lab.world.practice.patientId })
    await chart()
    const totals = { refused: 0, other: 0, late: 0, withoutHint: 0, slowest: 0, slow: 0, back: 0, slowOther: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const { slow, others } = await withClient(lab.cluster.urls.adminUrl, async (admin) => {
        await admin.query('BEGIN; LOCK TABLE client IN ACCESS EXCLUSIVE MODE')
        const blocked = Array.from({ length: SLOW }, (_, index) =>
          desk.send(CREATE_CLIENT, { input: { name: `pool ${index}`, phone: '+52 55 0000 0000' } }, `pool-${seed}-${round}-${index}`),
        )
        // Until they hold all there is.
        await sleep(500)
        const answers = await Promise.all(Array.from({ length: OTHERS }, chart))
        await admin.query('ROLLBACK')
        return { slow: await Promise.all(blocked), others: answers }
      })
      const after = await chart()
      const refused = others.filter(({ status }) => status === 503)
      totals.refused += refused.length
      totals.other += others.length - refused.length
      totals.withoutHint += [...refused, ...slow.filter(({ status }) => status === 503)].filter(({ retryAfter }) => !/^\d+$/.test(retryAfter ?? '')).length
      totals.late += others.filter(({ ms }) => ms >= LIMIT_MS).length
      totals.slowest = Math.max(totals.slowest, ...others.map(({ ms }) => ms))
      totals.slow += slow.filter(({ value }) => value?.id).length
      totals.slowOther += slow.filter(({ status, value }) => status !== 503 && !value?.id).length
      totals.back += after.status === 200 && after.value?.id && after.ms < LIMIT_MS ? 0 : 1
    }
    return {
      times: rounds,
      lines: [
        ...mustHappen('refused with 503', totals.refused),
        count('slowest refusal in ms', Math.round(totals.slowest)),
        mustBeZero('others answered with anything but 503', totals.other),
        mustBeZero('503 without Retry-After', totals.withoutHint),
        mustBeZero(`answers after ${LIMIT_MS / 1000} s or more`, totals.late),
        ...mustHappen('slow operations done when the lock was gone', totals.slow),
        mustBeZero('slow operations with another answer than their result or 503', totals.slowOther),
        mustBeZero('times that service was not back at once', totals.back),
      ],
    }
  },
}
