import { availableParallelism } from 'node:os'
import { ForeignLoad } from '../machine.ts'
import type { Size } from '../measure.ts'
import { formatSection, writeSection } from '../report.ts'
import { measureGrowth } from './growth.ts'
import { countScans } from './scans.ts'

/** `npm run bench -- growth` and `plans`: prints the table and answers how many goals are missed. */
export async function runAlone(
  suite: 'growth' | 'plans',
  { size, isWritten, say }: { size: Size; isWritten: boolean; say: (line: string) => void },
): Promise<number> {
  const foreign = new ForeignLoad()
  const section = suite === 'growth' ? await measureGrowth(say) : await countScans(size, say)
  const command = suite === 'growth' ? '`npm run bench -- growth`' : `\`npm run bench -- plans --size ${size}\``
  const conditions = `${command} on ${availableParallelism()} cores, Node ${process.versions.node}; other programs used ${(foreign.share() * 100).toFixed(0)} % of the processors.`
  const text = formatSection({ ...section, notes: [conditions, ...section.notes] })
  say(`\n${text}`)
  if (isWritten) await writeSection(`compare:${suite}`, text)
  return section.goals.filter(({ isMet }) => !isMet).length
}
