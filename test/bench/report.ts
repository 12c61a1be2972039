import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Section } from './measure.ts'

const FILE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))

/** The section as Markdown. */
export function formatSection({ head, rows, notes, goals }: Section): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const table = [line(head), line(head.map(() => '---')), ...rows.map(line)]
  const marks = goals.map(({ text, isMet }) => `- ${isMet ? 'met' : '**missed**'}: ${text}`)
  return [table.join('\n'), ...(notes.length > 0 ? [notes.join(' ')] : []), ...(marks.length > 0 ? [marks.join('\n')] : [])].join('\n\n')
}

/** Puts the text between the markers of this name in docs/performance.md. Throws when they are not there. */
export async function writeSection(name: string, text: string): Promise<void> {
  await writeFile(FILE, replaceBetween(await readFile(FILE, 'utf8'), name, text))
}

export function replaceBetween(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no markers ${begin} … ${end}`)
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`
}
