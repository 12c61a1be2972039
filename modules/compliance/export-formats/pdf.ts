import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ExportFacts, ExportFormatter } from './format.ts'
import { type Summary, summarise } from './summary.ts'

/** Entries that the table shows; the totals count all. */
export const REPORT_ROWS = 2_000

/** What the thread that lays out a report gets. */
export type ReportOrder = { readonly summary: Summary; readonly facts: ExportFacts }

/** A report for people, laid out in a thread of its own (report.ts). */
export const writePdf: ExportFormatter = async function* (pages, facts) {
  const order: ReportOrder = { summary: await summarise(pages, REPORT_ROWS), facts }
  const thread = new Worker(new URL('./report-thread.ts', import.meta.url), {
    workerData: order,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 1_024 },
  })
  try {
    const [bytes]: unknown[] = await once(thread, 'message')
    if (!(bytes instanceof Uint8Array)) throw new Error('the report thread answered something else')
    yield bytes
  } finally {
    await thread.terminate()
  }
}
