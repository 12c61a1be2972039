import { addProduct, addStock } from '../world-inventory.ts'
import { MOVE } from './desk.ts'
import { count, type Fault, mustBeZero } from './fault.ts'
import { checkWholeness } from './wholeness.ts'

const WRITERS = 100
const STOCK = 500
const EACH = 10

export const lot: Fault = {
  name: 'lot',
  title: `${WRITERS} writers take ${EACH} each from a lot of ${STOCK}`,
  run: async ({ seed, isQuick, lab }) => {
    const desk = await lab.desk()
    const { actor } = lab.world
    const rounds = isQuick ? 1 : 20
    const totals = { out: 0, refused: 0, other: 0, wrongRounds: 0 }
    for (let round = 0; round < rounds; round += 1) {
      const productId = await addProduct(lab.app, actor, { sku: `LOT-${seed}-${round}`, isLotTracked: true })
      const { lotId } = await addStock(lab.app, actor, { productId, lotNumber: 'L1', expiresOn: '2099-12-31', quantity: String(STOCK) })
      const input = { productId, lotId, kind: 'use', quantity: `-${EACH}` }
      const replies = await Promise.all(Array.from({ length: WRITERS }, (_, index) => desk.send(MOVE, { input }, `lot-${seed}-${round}-${index}`)))
      const taken = replies.filter(({ value }) => value?.__typename === 'StockMovement').length
      const refused = replies.filter(({ value }) => value?.code === 'INSUFFICIENT_STOCK').length
      const left = await lab.countRows('SELECT on_hand AS n FROM lot WHERE id = $1', [lotId])
      totals.out += taken * EACH
      totals.refused += refused
      totals.other += WRITERS - taken - refused
      totals.wrongRounds += taken * EACH === STOCK && left === 0 ? 0 : 1
    }
    return {
      times: rounds,
      lines: [
        count('units out', totals.out),
        count('typed InsufficientStock', totals.refused),
        mustBeZero('other answers', totals.other),
        mustBeZero(`rounds in which not exactly ${STOCK} left the lot`, totals.wrongRounds),
        ...(await checkWholeness(lab)),
      ],
    }
  },
}
