// Lays out one report beside the server's own thread, which a layout of seconds would hold up.
import { parentPort, workerData } from 'node:worker_threads'
import type { ReportOrder } from './pdf.ts'
import { renderReport } from './report.ts'

const { summary, facts }: ReportOrder = workerData
parentPort?.postMessage(await renderReport(summary, facts))
