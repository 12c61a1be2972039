import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditWriter } from '../../server/audit/writer.ts'
import { readEntry } from './entries.ts'

/** Appends at a steady rate, as requests arrive: not slower because answers are. Answers how many became durable per second. */
export async function appendSteadily(writer: AuditWriter, options: { perSecond: number; seconds: number; records: number }): Promise<number> {
  const begun = performance.now()
  const under: Promise<void>[] = []
  let sent = 0
  for (let elapsed = 0; elapsed < options.seconds; elapsed = (performance.now() - begun) / 1_000) {
    for (; sent < elapsed * options.perSecond; sent += 1) under.push(writer.record(readEntry(options.records)))
    await sleep(5)
  }
  await Promise.all(under)
  return sent / ((performance.now() - begun) / 1_000)
}
