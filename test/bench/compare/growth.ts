import type { Section, Size } from '../measure.ts'
import { median } from '../statistics.ts'
import { BenchDatabase } from './bench-database.ts'
import { Contender } from './contender.ts'
import { LoadGenerator } from './load-generator.ts'
import { OPERATION_NAMES, type OperationName, TITLES } from './operations.ts'

const FACTOR = 1.3
const CONNECTIONS = 4
const SECONDS = 2
const ROUNDS = 7

/** How the time of each operation grows from S to a hundred times the data, with so few people that nobody waits in line. */
export async function measureGrowth(say: (line: string) => void): Promise<Section> {
  const small = await measureSize('S', say)
  const large = await measureSize('L', say)
  const rows: string[][] = []
  const goals = []
  for (const name of OPERATION_NAMES) {
    const [before, after] = [small.get(name) ?? 0, large.get(name) ?? 0]
    rows.push([TITLES[name], before.toFixed(2), after.toFixed(2), (after / before).toFixed(2)])
    goals.push({ text: `${TITLES[name]}: p95 at L at most ${FACTOR} × that at S (${(after / before).toFixed(2)})`, isMet: after <= FACTOR * before })
  }
  const notes = [`Chiron with everything on, ${CONNECTIONS} connections; median of the p95 of ${ROUNDS} rounds of ${SECONDS} s.`]
  return { head: ['operation', 'p95 at S, ms', 'p95 at L, ms', 'factor'], rows, notes, goals }
}

async function measureSize(size: Size, say: (line: string) => void): Promise<ReadonlyMap<OperationName, number>> {
  await using database = await BenchDatabase.start(size, say)
  await using chiron = await Contender.start('chiron', database)
  await using generator = await LoadGenerator.start(await database.readSource(size))
  const found = new Map<OperationName, number>()
  for (const name of OPERATION_NAMES) {
    await chiron.signIn()
    await generator.run(chiron, name, { connections: CONNECTIONS, seconds: 5 })
    const values: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) values.push((await generator.run(chiron, name, { connections: CONNECTIONS, seconds: SECONDS })).p95)
    found.set(name, median(values))
    say(`  ${size}, ${TITLES[name]}: p95 ${median(values).toFixed(2)} ms`)
  }
  return found
}
