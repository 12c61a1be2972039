import { Document, Font, Page, renderToBuffer, StyleSheet, Text, View } from '@react-pdf/renderer'
import { createElement as h, type ReactElement } from 'react'
import { type ExportFacts, toClinicTime } from './format.ts'
import { REPORT_TEXTS, type ReportTexts } from './report-texts.ts'
import type { Dimension, ReportRow, Summary } from './summary.ts'

const TOTALS_SHOWN = 25

const styles = StyleSheet.create({
  page: { padding: 32, paddingBottom: 44, fontFamily: 'Helvetica', fontSize: 8, color: '#1a1a1a' },
  title: { fontSize: 16, fontFamily: 'Helvetica-Bold', marginBottom: 8 },
  heading: { fontSize: 10, fontFamily: 'Helvetica-Bold', marginTop: 10, marginBottom: 3 },
  label: { fontFamily: 'Helvetica-Bold' },
  columns: { flexDirection: 'row', gap: 12 },
  total: { width: 180 },
  row: { flexDirection: 'row', borderBottomWidth: 0.5, borderBottomColor: '#bbbbbb', paddingVertical: 2, gap: 6, fontSize: 7 },
  head: { flexDirection: 'row', borderBottomWidth: 1, borderBottomColor: '#1a1a1a', paddingVertical: 2, gap: 6, fontFamily: 'Helvetica-Bold', fontSize: 7 },
  time: { width: 92 },
  person: { width: 110 },
  action: { width: 170 },
  records: { flex: 1 },
  origin: { width: 90 },
  entry: { width: 150 },
  note: { fontFamily: 'Courier', fontSize: 7, marginVertical: 4, padding: 6, backgroundColor: '#f2f2f2' },
  footer: { position: 'absolute', bottom: 20, left: 32, right: 32, fontSize: 7, textAlign: 'center' },
})

// Ids are broken nowhere else than at their own hyphens, and no word is hyphenated by rules of another language.
Font.registerHyphenationCallback((word) => [word])

/** The report as the bytes of a PDF file, on A4: what was asked, totals, the checkpoint with which it can be checked, the newest entries. */
export async function renderReport(summary: Summary, facts: ExportFacts): Promise<Uint8Array> {
  const texts = REPORT_TEXTS[facts.locale]
  const footer = h(Text, { style: styles.footer, fixed: true, render: ({ pageNumber, totalPages }) => texts.page(pageNumber, totalPages) })
  const section = (key: string, children: ReactElement[]) => h(Page, { key, size: 'A4', orientation: 'landscape', style: styles.page }, ...children, footer)
  const sections = [
    section('summary', [...opening(summary, facts, texts), ...totals(summary, texts), ...checkpoint(facts, texts)]),
    ...tables(summary, facts, texts).map((children, index) => section(`table ${index}`, children)),
  ]
  return renderToBuffer(h(Document, { title: texts.title, author: 'Chiron', language: facts.locale }, ...sections))
}

function opening({ count, oldest, newest }: Summary, facts: ExportFacts, texts: ReportTexts): ReactElement[] {
  const time = (atText: string) => toClinicTime(atText, facts.timeZone)
  const lines: [string, string][] = [
    [texts.clinic, `${facts.clinicName} (${facts.timeZone})`],
    [texts.requestedBy, facts.requestedByName],
    [texts.reason, facts.reason],
    [texts.takenAt, time(facts.takenAtText)],
    [texts.filter, tellFilter(facts, texts)],
    [texts.period, oldest === null || newest === null ? texts.noEntries : `${time(oldest)} – ${time(newest)} · ${texts.count(count)}`],
  ]
  return [
    h(Text, { key: 'title', style: styles.title }, texts.title),
    ...lines.map(([label, value]) => h(Text, { key: label }, h(Text, { style: styles.label }, `${label}: `), printable(value))),
  ]
}

/** The filter in words, such as `action: export, from: 2026-03-01`. */
export function tellFilter({ filter }: Pick<ExportFacts, 'filter'>, texts: ReportTexts): string {
  const given = Object.entries(filter).filter(([, value]) => value !== null && value !== undefined && value !== '')
  return given.length === 0 ? texts.noFilter : given.map(([name, value]) => `${texts.filters[name] ?? name}: ${String(value)}`).join(', ')
}

function totals(summary: Summary, texts: ReportTexts): ReactElement[] {
  const names: Record<Dimension, (name: string) => string> = {
    action: (name) => texts.actions[name] ?? name,
    outcome: (name) => texts.outcomes[name] ?? name,
    person: (name) => (name === '' ? texts.nobody : name),
    type: (name) => name,
  }
  const block = (dimension: Dimension) => {
    const all = summary.totals[dimension]
    const lines = all.slice(0, TOTALS_SHOWN).map(([name, count]) => `${printable(names[dimension](name))}: ${count}`)
    if (all.length > TOTALS_SHOWN) lines.push(texts.others(all.length - TOTALS_SHOWN))
    return h(
      View,
      { key: dimension, style: styles.total },
      h(Text, { style: styles.heading }, texts.totals[dimension]),
      ...lines.map((line) => h(Text, { key: line }, line)),
    )
  }
  return [h(View, { key: 'totals', style: styles.columns }, block('action'), block('outcome'), block('person'), block('type'))]
}

function checkpoint({ checkpoint: newest }: ExportFacts, texts: ReportTexts): ReactElement[] {
  const heading = h(Text, { key: 'checkpoint', style: styles.heading }, texts.checkpoint)
  if (newest === null) return [heading, h(Text, { key: 'none' }, texts.noCheckpoint)]
  return [heading, h(Text, { key: 'note', style: styles.note }, printable(newest.note)), h(Text, { key: 'how' }, texts.howToCheck)]
}

// The layout's cost grows with the square of a section's rows: 2,000 rows in one took a minute and 1.4 GB, in twenty 8 seconds.
const SECTION_ROWS = 100

function tables({ count, rows }: Summary, { timeZone }: ExportFacts, texts: ReportTexts): ReactElement[][] {
  const { columns } = texts
  const opening = [
    h(Text, { key: 'entries', style: styles.heading }, texts.entries),
    ...(count > rows.length ? [h(Text, { key: 'cut' }, texts.cut(rows.length, count))] : []),
  ]
  const head = h(
    View,
    { key: 'head', style: styles.head, fixed: true },
    ...cells([columns.time, columns.person, columns.action, columns.records, columns.origin, columns.entry]),
  )
  return Array.from({ length: Math.ceil(rows.length / SECTION_ROWS) }, (_, index) => [
    ...(index === 0 ? opening : []),
    head,
    ...rows
      .slice(index * SECTION_ROWS, (index + 1) * SECTION_ROWS)
      .map((row) => h(View, { key: row.id, style: styles.row, wrap: false }, ...cells(tellRow(row, timeZone, texts)))),
  ])
}

function cells(values: readonly string[]): ReactElement[] {
  const widths = [styles.time, styles.person, styles.action, styles.records, styles.origin, styles.entry]
  return widths.map((style, index) => h(Text, { key: index, style }, printable(values[index] ?? '')))
}

function tellRow(row: ReportRow, timeZone: string, texts: ReportTexts): string[] {
  const reason = row.reason === null ? '' : ` · ${row.reason}`
  return [
    toClinicTime(row.atText, timeZone).slice(0, 23),
    row.userName ?? texts.nobody,
    `${texts.actions[row.action] ?? row.action} · ${row.operation} · ${texts.outcomes[row.outcome] ?? row.outcome}${reason}`,
    `${row.types.join(', ')} ${row.records.join(', ')}`,
    row.address === null ? row.origin : `${row.origin} ${row.address}`,
    row.id,
  ]
}

// Every character of Windows-1252, which is what the built-in fonts have.
const BEYOND = /[^\n\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]/gu

/** The built-in fonts know Western European letters. Others become a question mark; CSV and JSON Lines have them as they are. */
export function printable(text: string): string {
  return text.normalize('NFC').replaceAll(BEYOND, '?').slice(0, 500)
}
