import { cpuNanoseconds } from '../machine.ts'
import type { BenchDatabase } from './bench-database.ts'
import type { Contender, ContenderName } from './contender.ts'
import type { LoadGenerator } from './load-generator.ts'
import type { OperationName } from './operations.ts'

/** One contender's turn: rates per second, times in ms; `node` and `postgres` are processor time per operation. */
export type Turn = {
  readonly rate: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly node: number
  readonly postgres: number
  readonly generator: number
  readonly rss: number
}
/** Turns of the same round stand at the same place. */
export type Turns = ReadonlyMap<ContenderName, readonly Turn[]>

export type RoundOptions = { readonly rounds: number; readonly seconds: number; readonly connections: number; readonly warmUpSeconds: number }

/** Idle pools close their connections while others have their turn; opening them again is nobody's operation. */
const REOPEN_SECONDS = 0.25

/** Lets contenders take turns, each first as often as the others: whoever comes first has the caches of the one before. */
export async function takeTurns(
  contenders: readonly Contender[],
  name: OperationName,
  { database, generator }: { database: BenchDatabase; generator: LoadGenerator },
  { rounds, seconds, connections, warmUpSeconds }: RoundOptions,
): Promise<Turns> {
  for (const contender of contenders) {
    await contender.signIn()
    await generator.run(contender, name, { connections, seconds: warmUpSeconds })
  }
  const turns = new Map<ContenderName, Turn[]>(contenders.map((contender) => [contender.name, []]))
  for (let round = 0; round < rounds; round += 1) {
    const shift = round % contenders.length
    for (const contender of [...contenders.slice(shift), ...contenders.slice(0, shift)]) {
      await generator.run(contender, name, { connections, seconds: REOPEN_SECONDS })
      turns.get(contender.name)?.push(await takeTurn(contender, database, () => generator.run(contender, name, { connections, seconds })))
    }
  }
  return turns
}

async function takeTurn(contender: Contender, database: BenchDatabase, run: () => ReturnType<LoadGenerator['run']>): Promise<Turn> {
  const [nodeBefore, backendsBefore] = [contender.cpu(), cpuOfEach(database)]
  const { requests, seconds, p50, p95, p99, cpuMs } = await run()
  const [nodeAfter, backendsAfter] = [contender.cpu(), cpuOfEach(database)]
  // A connection that was opened meanwhile counts as a whole; one that was closed, not at all.
  const postgres = [...backendsAfter].reduce((sum, [pid, nanoseconds]) => sum + nanoseconds - (backendsBefore.get(pid) ?? 0), 0)
  const each = (nanoseconds: number) => nanoseconds / 1e6 / requests
  return {
    rate: requests / seconds,
    p50,
    p95,
    p99,
    node: each(nodeAfter - nodeBefore),
    postgres: each(postgres),
    generator: cpuMs / requests,
    rss: contender.rss(),
  }
}

const cpuOfEach = (database: BenchDatabase) => new Map(database.pids().map((pid) => [pid, cpuNanoseconds([pid])]))
