import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPdfText } from '../../../test/pdf-text.ts'
import type { ExportRow } from '../export-rows.ts'
import { writeCsv } from './csv.ts'
import { type ExportFacts, toClinicTime } from './format.ts'
import { writeJsonLines } from './json-lines.ts'
import { printable, renderReport, tellFilter } from './report.ts'
import { REPORT_TEXTS } from './report-texts.ts'
import { summarise } from './summary.ts'

const row = (changes: Partial<ExportRow> = {}): ExportRow => ({
  id: '01890a5d-ac96-774b-bcce-b302099a8057',
  atText: '2026-03-10T05:59:59.999999Z',
  action: 'read',
  operation: 'OnePatient',
  origin: 'web',
  outcome: 'ok',
  userId: null,
  userName: 'Lucía',
  roles: [],
  classes: [],
  types: ['Patient'],
  recordIds: [],
  detail: null,
  address: null,
  userAgent: null,
  sessionId: null,
  requestId: '01890a5d-ac96-774b-bcce-b302099a8058',
  reason: null,
  reads: [],
  changes: [],
  aggregates: [],
  hasEvidence: true,
  body: '{}',
  labels: {},
  ...changes,
})
const facts: ExportFacts = {
  locale: 'es-MX',
  timeZone: 'America/Mexico_City',
  clinicName: 'Alfa',
  requestedByName: 'Lucía',
  reason: 'inspección',
  filter: {},
  takenAtText: '2026-03-10T06:00:00.000000Z',
  checkpoint: null,
}
async function* pagesOf(...pages: ExportRow[][]) {
  yield* pages
}
async function textOf(pieces: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += typeof piece === 'string' ? piece : new TextDecoder().decode(piece)
  return text
}

describe("an instant on the clinic's clock", () => {
  it('keeps its microseconds and names its offset, also on both sides of a change of clocks', () => {
    expect(toClinicTime('2026-03-10T05:59:59.999999Z', 'America/Mexico_City')).toBe('2026-03-09T23:59:59.999999-06:00')
    expect(toClinicTime('2026-03-29T00:59:59.000001Z', 'Europe/Madrid')).toBe('2026-03-29T01:59:59.000001+01:00')
    expect(toClinicTime('2026-03-29T01:00:00.000000Z', 'Europe/Madrid')).toBe('2026-03-29T03:00:00.000000+02:00')
  })
})

describe('CSV', () => {
  it('never begins a cell with what a spreadsheet would run, whatever people are called', async () => {
    const nasty = fc
      .tuple(fc.constantFrom('=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'), fc.string({ unit: 'grapheme' }))
      .map((parts) => parts.join(''))
    await fc.assert(
      fc.asyncProperty(nasty, async (userName) => {
        const text = await textOf(writeCsv(pagesOf([row({ userName })]), facts))
        const line = text.slice(text.indexOf('\r\n') + 2)
        // The cell may be quoted; the apostrophe comes first in it.
        expect(line.slice('2026-03-09T23:59:59.999999-06:00,'.length)).toMatch(/^"?'/)
        expect(line).toContain(userName.replaceAll('"', '""'))
      }),
    )
  })

  it('has one header, however many pages follow', async () => {
    const text = await textOf(writeCsv(pagesOf([row(), row()], [row()]), facts))
    expect(text.split('\r\n')).toHaveLength(5)
    expect(text.match(/entry_id/g)).toHaveLength(1)
    expect(text.charCodeAt(0)).toBe(0xfeff)
    expect((await textOf(writeCsv(pagesOf(), facts))).split('\r\n')).toHaveLength(2)
  })
})

describe('JSON Lines', () => {
  it('give back any text and say that evidence is gone', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (reason) => {
        const text = await textOf(writeJsonLines(pagesOf([row({ reason }), row({ body: null })]), facts))
        const lines = text.trimEnd().split('\n')
        expect(lines).toHaveLength(2)
        expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ reason, body: '{}' }, { body: null }])
      }),
    )
  })
})

describe('a report', () => {
  it('counts every entry and shows the newest up to its cap, and says that it was cut', async () => {
    const rows = Array.from({ length: 7 }, (_, index) =>
      row({ id: `id-${index}`, action: index < 5 ? 'read' : 'update', types: index === 0 ? [] : ['Patient', 'Client'] }),
    )
    const summary = await summarise(pagesOf(rows.slice(0, 4), rows.slice(4)), 3)
    expect(summary.count).toBe(7)
    expect(summary.rows.map(({ id }) => id)).toEqual(['id-0', 'id-1', 'id-2'])
    expect(summary.totals).toEqual({
      action: [
        ['read', 5],
        ['update', 2],
      ],
      outcome: [['ok', 7]],
      person: [['Lucía', 7]],
      type: [
        ['Client', 6],
        ['Patient', 6],
      ],
    })
    const text = readPdfText(await renderReport(summary, facts))
    expect(text).toContain(REPORT_TEXTS['es-MX'].cut(3, 7))
    expect(text).toContain('id-2')
    expect(text).not.toContain('id-3')
    expect(text).toContain('Todavía no hay ningún punto de control firmado')
    expect(readPdfText(await renderReport({ ...summary, count: 3 }, { ...facts, locale: 'en' }))).not.toContain('newest 3 of')
  })

  it('tells the filter in words', () => {
    const filter = { action: 'export', from: '2026-03-01', query: null, outcome: '' }
    expect(tellFilter({ filter }, REPORT_TEXTS['es-MX'])).toBe('acción: export, desde: 2026-03-01')
    expect(tellFilter({ filter: {} }, REPORT_TEXTS.en)).toBe(REPORT_TEXTS.en.noFilter)
  })

  it('prints Western European letters as they are and marks others', () => {
    expect(printable('Ñandú “€” — e\u0301 œ')).toBe('Ñandú “€” — é œ')
    expect(printable('犬\u0000\u202e🐕 a\nb')).toBe('???? a\nb')
  })

  it('has the same texts in both languages', () => {
    const { 'es-MX': es, en } = REPORT_TEXTS
    expect(Object.keys(es)).toEqual(Object.keys(en))
    for (const part of ['filters', 'actions', 'outcomes', 'totals', 'columns'] as const) expect(Object.keys(es[part])).toEqual(Object.keys(en[part]))
  })
})
