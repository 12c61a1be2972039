import { CREATE_CLIENT, POST_INVOICE, RECEIVE } from './desk.ts'
import { count, type Fault, mustBeZero } from './fault.ts'

const AT_ONCE = 50

export const sameKey: Fault = {
  name: 'same-key',
  title: `the same Idempotency-Key ${AT_ONCE} times in parallel`,
  run: async ({ seed, isQuick, lab }) => {
    const desk = await lab.desk()
    const { productId } = lab.world
    await desk.send(RECEIVE, { input: { productId, quantity: '1000', reason: `stock for same-key ${seed}` } })
    const rounds = isQuick ? 1 : 20
    const totals = { answers: 0, different: 0, effects: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const label = `same-key-${seed}-${round}`
      const cases = [
        { document: CREATE_CLIENT, input: { name: label, phone: '+52 55 0000 0000' }, table: 'client' },
        { document: RECEIVE, input: { productId, quantity: '1', reason: label }, table: 'stock_movement' },
        { document: POST_INVOICE, input: { lines: [{ productId, quantity: '1' }] }, table: 'invoice' },
      ]
      for (const { document, input, table } of cases) {
        const before = await lab.countRows(`SELECT count(*) AS n FROM ${table}`)
        const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => desk.send(document, { input }, `${label}-${table}`)))
        const [first] = replies
        totals.answers += replies.length
        totals.different += replies.filter(
          ({ status, body }) => status !== 200 || !first?.value?.id || JSON.stringify(body) !== JSON.stringify(first.body),
        ).length
        totals.effects += Math.abs((await lab.countRows(`SELECT count(*) AS n FROM ${table}`)) - before - 1)
      }
    }
    return {
      times: rounds * 3,
      lines: [
        count('answers', totals.answers),
        mustBeZero('answers unlike the first', totals.different),
        mustBeZero('effects more or fewer than one', totals.effects),
      ],
    }
  },
}
