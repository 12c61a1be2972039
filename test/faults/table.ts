import { writeSection } from '../bench/report.ts'
import type { Row } from './suites.ts'

const HEAD = ['fault', 'times', 'counted', 'violations'] as const

const figure = (value: number) => value.toLocaleString('en-GB', { maximumFractionDigits: 1 })

/** Of the lines that must be 0 the table says how many there are; they are listed by `--write` and on the terminal when they are not 0. */
function cellsOf({ title, times, lines, violations }: Row): [string, string, string, string] {
  const counted = lines.filter(({ mustBeZero }) => !mustBeZero).map(({ label, count }) => `${label}: ${figure(count)}`)
  const checks = lines.filter(({ mustBeZero }) => mustBeZero).length
  const sum = violations.reduce((total, { count }) => total + (Number.isFinite(count) ? Math.abs(count) : 1), 0)
  return [title, figure(times), [...counted, `${checks} checks`].join('; '), figure(sum)]
}

export function formatText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ title }) => title.length), HEAD[0].length)
  const line = ([title, times, counted, violations]: readonly [string, string, string, string]) =>
    `${title.padEnd(width)}  ${times.padStart(6)}  ${violations.padStart(10)}  ${counted}`
  return [line(['fault', 'times', 'counted', 'violations']), ...rows.map((row) => line(cellsOf(row)))].join('\n')
}

export function formatMarkdown(rows: readonly Row[], { seed, isQuick, names }: { seed: number; isQuick: boolean; names: readonly string[] }): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [line(HEAD), line(HEAD.map(() => '---')), ...rows.map((row) => line(cellsOf(row)))].join('\n')
  const command = ['npm run faults', ...(names.length > 0 || isQuick ? ['--'] : []), ...names, ...(isQuick ? ['--quick'] : [])].join(' ')
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0)
  return `${table}\n\n\`${command}\`, seed ${seed}, ${figure(seconds / 60)} minutes. A check is a count that must be 0; violations is their sum.`
}

/** Puts the table between its markers in docs/performance.md. */
export function writeTable(rows: readonly Row[], options: { seed: number; isQuick: boolean; names: readonly string[] }): Promise<void> {
  return writeSection('faults', formatMarkdown(rows, options))
}
