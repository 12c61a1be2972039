import { loadavg } from 'node:os'
import { Cluster } from '../own-cluster.ts'
import { describeMachine, ForeignLoad } from './machine.ts'
import type { Measure, Size } from './measure.ts'
import { formatSection, writeSection } from './report.ts'

// Durable as in production; timestamps of commits are what the lag is read from.
const FLAGS = ['track_commit_timestamp=on', 'shared_buffers=512MB', 'max_wal_size=4GB']

export type RunOptions = { readonly size: Size; readonly isWritten: boolean; readonly say: (line: string) => void }

/** Runs one measurement on a PostgreSQL of its own, prints it, and answers how many goals it missed. */
export async function runMeasure(suite: string, measure: Measure, { size, isWritten, say }: RunOptions): Promise<number> {
  say(`\n## ${measure.title}`)
  const before = loadavg()[0] ?? 0
  await using cluster = await Cluster.start('chiron-bench-', FLAGS)
  const foreign = new ForeignLoad()
  const section = await measure.run({ size, cluster, say: (line) => say(`  ${line}`) })
  const share = foreign.share()
  const machine = await describeMachine(cluster.urls.adminUrl)
  const command = `npm run bench -- ${suite} --only ${measure.name} --size ${size}`
  const conditions = `\`${command}\` on ${machine}; other programs used ${(share * 100).toFixed(0)} % of the processors.`
  const text = formatSection({ ...section, notes: [conditions, ...section.notes] })
  say(`\n${text}\n(load before: ${before.toFixed(2)})`)
  if (isWritten) await writeSection(`${suite}:${measure.name}`, text)
  return section.goals.filter(({ isMet }) => !isMet).length
}
