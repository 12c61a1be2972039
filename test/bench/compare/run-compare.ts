import { loadavg } from 'node:os'
import { describeMachine, ForeignLoad } from '../machine.ts'
import type { Size } from '../measure.ts'
import { formatSection, writeSection } from '../report.ts'
import { BenchDatabase } from './bench-database.ts'
import { compare } from './compare.ts'
import { CONTENDERS, type ContenderName } from './contender.ts'
import { installContenders } from './install.ts'
import { isOperationName, OPERATION_NAMES, READS, WRITES } from './operations.ts'

export type CompareArguments = {
  readonly size: Size
  readonly only: readonly string[]
  readonly contenders: readonly string[]
  readonly rounds: number | null
  readonly isWritten: boolean
  readonly say: (line: string) => void
}

/** Without a choice: Chiron as it is, and those that it is compared with. Guards are taken out when they are named. */
const USUAL: readonly ContenderName[] = ['limit', 'postgraphile', 'chiron']
const GROUPS = { reads: READS, writes: WRITES } as const

/** `npm run bench -- compare`: prints the table and answers how many goals are missed. Throws for a name that is none. */
export async function runCompare({ size, only, contenders, rounds, isWritten, say }: CompareArguments): Promise<number> {
  const unknown = [...only.filter((name) => !isOperationName(name)), ...contenders.filter((name) => !CONTENDERS.some((known) => known === name))]
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: operations are ${OPERATION_NAMES.join(', ')}; contenders are ${CONTENDERS.join(', ')}`)
  const chosen = contenders.length === 0 ? USUAL : CONTENDERS.filter((name) => contenders.includes(name))
  await installContenders(say)
  let missed = 0
  await using database = await BenchDatabase.start(size, say)
  for (const [group, names] of Object.entries(GROUPS)) {
    const operations = names.filter((name) => only.length === 0 || only.includes(name))
    if (operations.length === 0) continue
    const before = loadavg()[0] ?? 0
    const foreign = new ForeignLoad()
    const section = await compare({ size, operations, contenders: chosen, rounds, database, say: (line) => say(`  ${line}`) })
    const share = (foreign.share() * 100).toFixed(0)
    const conditions = `\`npm run bench -- compare --size ${size}\` on ${await describeMachine(database.adminUrl)}; other programs used ${share} % of the processors.`
    const text = formatSection({ ...section, notes: [conditions, ...section.notes] })
    say(`\n${text}\n(load before: ${before.toFixed(2)})`)
    if (isWritten) await writeSection(`compare:${group}`, text)
    missed += section.goals.filter(({ isMet }) => !isMet).length
  }
  return missed
}
