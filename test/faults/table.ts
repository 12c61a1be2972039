import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { replaceBetween } from '../bench/report.ts'
import type { Row } from './suites.ts'

const FILE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const HEAD = ['fault', 'times', 'counted', 'violations', 'took', 'seed'] as const

const figure = (value: number) => value.toLocaleString('en-GB', { maximumFractionDigits: 1 })
const toLine = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** Of the counts that must be 0 the table says how many there are and what their sum is; the run itself lists those that are not. */
function cellsOf({ title, times, lines, violations, seconds }: Row): [fault: string, times: string, counted: string, violations: string, took: string] {
  const counted = lines.filter(({ mustBeZero }) => !mustBeZero).map(({ label, count }) => `${label}: ${figure(count)}`)
  const checks = lines.filter(({ mustBeZero }) => mustBeZero).length
  const sum = violations.reduce((total, { count }) => total + (Number.isFinite(count) ? Math.abs(count) : 1), 0)
  const took = seconds < 100 ? `${figure(seconds)} s` : `${figure(seconds / 60)} min`
  return [title, figure(times), [...counted, `${checks} checks`].join('; '), figure(sum), took]
}

export function formatText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length), HEAD[0].length)
  const line = (fault: string, times: string, counted: string, violations: string) =>
    `${fault.padEnd(width)}  ${times.padStart(6)}  ${violations.padStart(10)}  ${counted}`
  return [
    line('fault', 'times', 'counted', 'violations'),
    ...rows.map((row) => {
      const [fault, times, counted, violations] = cellsOf(row)
      return line(fault, times, counted, violations)
    }),
  ].join('\n')
}

/** The table with these rows in it, in the order of `titles`. Rows of other faults stay as they were. */
export function mergeTable(document: string, rows: readonly Row[], seed: number, titles: readonly string[]): string {
  const known = new Map<string, string>()
  for (const line of document.split('\n')) {
    const title = titles.find((candidate) => line.startsWith(`| ${candidate} |`))
    if (title !== undefined) known.set(title, line)
  }
  for (const row of rows) known.set(row.title, toLine([...cellsOf(row), String(seed)]))
  const lines = titles.flatMap((title) => known.get(title) ?? [])
  return replaceBetween(document, 'faults', [toLine(HEAD), toLine(HEAD.map(() => '---')), ...lines].join('\n'))
}

/** Puts the rows into their places in docs/performance.md. */
export async function writeTable(rows: readonly Row[], seed: number, titles: readonly string[]): Promise<void> {
  await writeFile(FILE, mergeTable(await readFile(FILE, 'utf8'), rows, seed, titles))
}
