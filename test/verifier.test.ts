import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { hashLeaf, hashNode, proveConsistency, proveInclusion, type Subtree } from '../modules/kernel/merkle.ts'
import { createSigner, formatVerifierKey, verifierOf } from '../modules/kernel/signed-note.ts'
import { explain, formatReport, type Options, openExport, readNotes, verify, verifyProof } from '../verifier/chiron-verify.mjs'
import { openDatabase } from '../verifier/database-source.ts'
import { databaseRuns } from './effort.ts'
import { TEMPLATE } from './global-setup.ts'
import { type ClonedDatabase, cloneDatabase } from './postgres.ts'
import { clinicOf, type Entry, NIL, store, Trail, tilePath, write, writeManifest } from './verifier-fixture.ts'

const PROGRAM = fileURLToPath(new URL('../verifier/chiron-verify.mjs', import.meta.url))
const MONTH = '2026-10'
const [A, B] = [clinicOf(1), clinicOf(2)]

const folders: string[] = []
const makeFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'chiron-verifier-'))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Two clinics, `size` transactions, every fifth of which changes a row; published every `every` transactions. */
function makeTrail(size = 300, every = 3): Trail {
  const trail = new Trail()
  for (let number = 1; number <= size; number += 1) {
    const [clinic, other] = number % 2 === 0 ? [A, B] : [B, A]
    trail.commit(
      MONTH,
      number % 5 === 0
        ? [
            { clinic, source: 'row' },
            { clinic: other, source: 'api' },
          ]
        : [{ clinic, source: 'api' }],
    )
    if (number % every === 0) trail.publish()
  }
  trail.publish()
  return trail
}

type Export = Parameters<Trail['export']>[1]

async function check(trail: Trail, { checkpoints = [], ...options }: Partial<Options> = {}, exported: Export = {}, tamper?: (folder: string) => void) {
  const folder = makeFolder()
  trail.export(folder, exported)
  tamper?.(folder)
  return verify(await openExport(folder), { key: trail.key, checkpoints, ...options })
}

/** Code, log and place of each finding. */
async function findings(...args: Parameters<typeof check>) {
  const result = await check(...args)
  expect(result.ok).toBe(result.findings.length === 0)
  return result.findings
}

const toPending = ({ clinic, month, id, tx, body }: Entry) => ({ clinic, month, entry: id, tx: String(tx), body })
const logOf = (trail: Trail, clinic = A) => trail.log(clinic, MONTH)
const at = (entries: readonly Entry[], index: number): Entry => {
  const entry = entries.at(index)
  if (!entry) throw new Error('no such entry')
  return entry
}
const edit = (entry: Entry, isWithHash = false) => {
  const body = entry.body
    .replace('"v":2', '"v":2')
    .replace(/"(outcome|op)":"(ok|insert)"/, (_, name, value) => `"${name}":"${value === 'ok' ? 'no' : 'update'}"`)
  const leaf = isWithHash ? hashLeaf(Buffer.from(body)) : entry.leaf
  return { ...entry, body, leaf }
}

describe('an untouched trail', () => {
  it('passes, with every old checkpoint, whether of the spine or of a clinic', async () => {
    const trail = makeTrail(600, 7)
    const old = [...trail.checkpoints.map(({ note }) => note).slice(0, 9), trail.lastCheckpoint(), logOf(trail).checkpoints[3]?.note ?? '']
    const result = await check(trail, { checkpoints: [old.join('====\n'), trail.lastCheckpoint().replaceAll('\n', '\r\n')] })
    expect(result.findings).toEqual([])
    expect(result).toMatchObject({
      ok: true,
      counts: { entries: 720, logs: 2, oldCheckpoints: 12, rows: 120, records: 120, heads: trail.spine.length },
      remarks: [],
    })
  })

  it('passes when a month is closed and another one dropped, and counts on what dropped months held', async () => {
    const trail = makeTrail(300)
    trail.close(MONTH)
    trail.drop(MONTH)
    trail.commit('2026-11', [
      { clinic: A, source: 'row' },
      { clinic: A, source: 'api' },
    ])
    trail.publish()
    trail.close('2026-11')
    const result = await check(trail)
    expect(result).toMatchObject({ ok: true, findings: [], counts: { dropped: 2, closed: 3, logs: 1, records: 61 } })
    expect(result.dropped.map(({ log, policy }) => [log, policy])).toEqual([B, A].map((clinic) => [trail.origin(logOf(trail, clinic)), 'five-years']))
    expect(formatReport(result, 'es')).toContain(`política: five-years, ${trail.origin(logOf(trail))}`)
  })

  it('passes when a restored database counts its transactions anew', async () => {
    const trail = makeTrail(30)
    trail.extend([{ kind: 'epoch', at: trail.instant(MONTH), cites: trail.lastCheckpoint(), number: 2, tx: '5' }])
    trail.tx = 5
    trail.commit(MONTH, [
      { clinic: A, source: 'row' },
      { clinic: A, source: 'api' },
    ])
    trail.publish()
    expect(await findings(trail)).toEqual([])
  })

  it('passes in part, and says what was left out', async () => {
    const trail = makeTrail(30)
    const old = logOf(trail, B).checkpoints.at(-1)?.note ?? ''
    const result = await check(trail, { checkpoints: [old] }, { isPartial: true }, (folder) => {
      rmSync(join(folder, 'logs', B), { recursive: true })
      writeManifest(folder, { installation: trail.installation })
    })
    expect(result.ok).toBe(true)
    expect(result.remarks.map(({ code }) => code).sort()).toEqual(['no-census', 'not-covered', 'not-reconciled', 'unchecked-checkpoint'])
  })

  it('passes with entries that were committed but not published yet', async () => {
    const trail = makeTrail(30)
    const copy = trail.fork()
    const waiting = copy.commit(MONTH, [
      { clinic: A, source: 'row' },
      { clinic: B, source: 'api' },
    ])
    for (const record of copy.records) trail.records.add(record)
    expect(await findings(trail, {}, { pending: waiting.map(toPending), manifest: { tx: String(copy.tx + 1) } })).toEqual([])
  })

  it('counts the cosignatures of witnesses, and misses those that are not there', async () => {
    const trail = makeTrail(30)
    const witness = createSigner('witness.example', Buffer.alloc(32, 9))
    const key = formatVerifierKey(verifierOf(witness, 4))
    expect((await check(trail, { witnesses: [key] })).remarks).toEqual([{ code: 'no-cosignature', text: 'witness.example' }])
    trail.cosignAll(witness)
    const result = await check(trail, { witnesses: [key] })
    expect([result.ok, result.counts.cosigned]).toEqual([true, { 'witness.example': { count: trail.checkpoints.length, size: trail.spine.length } }])
    const last = trail.checkpoints.at(-1)
    if (last) last.note = last.note.replace(/.{9}\n$/, 'AAAAAAAA=\n').replace('A=\n', '==\n')
    expect((await findings(trail, { witnesses: [key] }))[0]?.code).toMatch(/bad-(signature|checkpoint)/)
  })
})

describe('tampering in the database is named in its export', () => {
  it('an edited body', async () => {
    const trail = makeTrail()
    const { entries } = logOf(trail)
    entries[123] = edit(at(entries, 123))
    expect(await findings(trail)).toMatchObject([{ code: 'body-edited', log: trail.origin(logOf(trail)), index: 123, entry: at(entries, 123).id }])
  })

  it('a body edited together with its hashes: between two heads, which here is the entry itself', async () => {
    const trail = makeTrail(300, 1)
    const { entries } = logOf(trail)
    entries[77] = edit(at(entries, 77), true)
    expect(await findings(trail, { checkpoints: [trail.lastCheckpoint()] })).toMatchObject([
      { code: 'hash-edited', log: trail.origin(logOf(trail)), index: 77, last: 77 },
    ])
  })

  it('a deleted entry, whether a hole is left, or the others move up, or their hashes too', async () => {
    const gone = makeTrail()
    const hole = at(logOf(gone).entries, 40)
    logOf(gone).entries[40] = { ...hole, body: '' }
    expect(await findings(gone)).toMatchObject([{ code: 'entry-missing', index: 40 }])

    const moved = makeTrail()
    const { entries } = logOf(moved)
    const bodies = entries.map(({ body }) => body).toSpliced(40, 1)
    moved.logs.set(`${A}/${MONTH}`, { ...logOf(moved), entries: entries.map((entry, index) => ({ ...entry, body: bodies[index] ?? '' })) })
    expect(await findings(moved)).toMatchObject([{ code: 'entry-missing', index: 40 }])

    const clean = makeTrail(300, 1)
    logOf(clean).entries.splice(40, 1)
    expect(await findings(clean)).toMatchObject([{ code: 'entry-missing', index: 40, last: 40 }])
  })

  it('an operation that is deleted is named once, not as a row without an operation and a census besides', async () => {
    const trail = makeTrail()
    const { entries } = logOf(trail)
    const index = entries.findIndex(({ source }) => source === 'row')
    entries[index] = { ...at(entries, index), body: '' }
    expect(await findings(trail)).toMatchObject([{ code: 'entry-missing', index, also: [expect.stringContaining('unwitnessed-row')] }])
  })

  it('two entries swapped, with or without their hashes', async () => {
    const trail = makeTrail()
    const { entries } = logOf(trail)
    const [one, two] = [at(entries, 20), at(entries, 90)]
    entries[20] = { ...two, leaf: one.leaf }
    entries[90] = { ...one, leaf: two.leaf }
    expect(await findings(trail)).toMatchObject([{ code: 'entries-swapped', index: 20, other: 90, entries: [two.id, one.id] }])
    const hashed = makeTrail(300, 300)
    const list = logOf(hashed).entries
    const [first, second] = [at(list, 20), at(list, 90)]
    list[20] = second
    list[90] = first
    expect(await findings(hashed)).toMatchObject([{ code: 'entries-swapped', index: 20, other: 90, entries: [second.id, first.id] }])
  })

  it('a cut tail: of one log, which the spine still knows; of everything, which only an old checkpoint knows', async () => {
    const trail = makeTrail()
    const log = logOf(trail)
    const size = log.entries.length
    log.entries.splice(-5)
    log.checkpoints.splice(-8)
    expect(await findings(trail)).toMatchObject([{ code: 'tail-cut', log: trail.origin(log), index: size - 5, last: size - 1 }])

    const whole = makeTrail(200)
    const before = whole.fork()
    for (let number = 0; number < 9; number += 1)
      whole.commit(MONTH, [
        { clinic: A, source: 'row' },
        { clinic: A, source: 'api' },
      ])
    whole.publish()
    expect(await findings(before)).toEqual([])
    const checkpoints = [whole.lastCheckpoint(), logOf(whole).checkpoints.at(-1)?.note ?? '']
    const cut = await findings(before, { checkpoints }, { manifest: { tx: '999999' } })
    expect(cut).toMatchObject([
      {
        code: 'tail-cut',
        log: `chiron/${whole.installation}/spine`,
        index: before.spine.length,
        also: [expect.stringContaining(`${MONTH} ${logOf(before).entries.length}`)],
      },
    ])
    expect(await findings(before, { checkpoints })).toMatchObject([{ code: 'older-copy', index: before.spine.length }])
  })

  it('a forked history that is longer and signed', async () => {
    const trail = makeTrail(100)
    const fork = trail.fork()
    trail.commit(MONTH, [{ clinic: A, source: 'api' }])
    trail.publish()
    const known = trail.lastCheckpoint()
    for (let number = 0; number < 20; number += 1) {
      fork.commit(MONTH, [{ clinic: B, source: 'api' }])
      fork.publish()
    }
    expect(await findings(fork)).toEqual([])
    const size = fork.checkpoints.findIndex(({ size }) => size > BigInt(trail.spine.length - 1))
    expect(size).toBeGreaterThan(0)
    expect(await findings(fork, { checkpoints: [known, trail.checkpoints[3]?.note ?? ''] })).toMatchObject([
      { code: 'fork', log: `chiron/${trail.installation}/spine`, index: Number(trail.checkpoints[3]?.size), last: trail.spine.length - 1 },
    ])
  })

  it('a row that was changed without an operation', async () => {
    const trail = makeTrail(20)
    const [row] = trail.commit(MONTH, [{ clinic: A, source: 'row' }])
    trail.publish()
    expect(await findings(trail)).toMatchObject([{ code: 'row-without-entry', index: logOf(trail).entries.length - 1, entry: row?.id }])
  })

  it('a row inserted or deleted with the triggers off, many of them, and when a month is dropped', async () => {
    const trail = makeTrail(200)
    const [gone, ...rest] = [...trail.records]
    trail.records.delete(gone ?? '')
    trail.records.add('Invoice\tnobody-wrote-this')
    expect(await findings(trail)).toMatchObject([
      { code: 'unwitnessed-row', type: 'Invoice', record: 'nobody-wrote-this' },
      { code: 'missing-row', type: 'Patient', record: gone?.split('\t')[1] },
    ])
    for (const record of rest.slice(0, 30)) trail.records.delete(record)
    const found = await findings(trail)
    expect([found.length, found.at(-1)?.count]).toEqual([21, 12])

    const dropped = makeTrail(200)
    dropped.close(MONTH)
    dropped.drop(MONTH)
    dropped.records.add('Patient\tnobody-wrote-this')
    expect(await findings(dropped)).toMatchObject([{ code: 'unwitnessed-row', record: 'nobody-wrote-this' }])
    dropped.records.add('Patient\tnor-this')
    expect(await findings(dropped)).toMatchObject([{ code: 'unwitnessed-row', type: 'Patient', count: 2 }])
  })

  it('an entry that is in no log', async () => {
    const trail = makeTrail(20)
    const unlogged = [{ clinic: A, month: MONTH, entry: randomUUID(), tx: '5', body: '{}' }]
    expect(await findings(trail, {}, { unlogged })).toMatchObject([{ code: 'unlogged-entry', log: trail.origin(logOf(trail)), entry: unlogged[0]?.entry }])
  })

  it('a waiting entry that no log will ever take up, which then does not count for the census', async () => {
    const tampered = async (
      change: (copy: Trail) => void,
      edited: (line: ReturnType<typeof toPending>) => Record<string, unknown> = (line) => line,
      hasOperation = true,
    ) => {
      const trail = makeTrail(20)
      const copy = trail.fork()
      change(copy)
      const waiting = copy.commit(MONTH, [{ clinic: A, source: 'row' }, ...(hasOperation ? [{ clinic: A, source: 'api' as const }] : [])])
      for (const record of copy.records) trail.records.add(record)
      return findings(trail, {}, { pending: waiting.map(toPending).map(edited), manifest: { tx: String(trail.tx + 3), exportedAt: '2026-12-21T00:00:00Z' } })
    }
    const nothing = () => {}
    expect(await tampered(nothing)).toEqual([])
    const cases: [string, Promise<unknown[]>][] = [
      ['has not begun', tampered((copy) => (copy.tx += 1_000_000))],
      ['has passed', tampered((copy) => (copy.tx = 50))],
      ['no operation', tampered(nothing, undefined, false)],
      ['xid', tampered(nothing, (line) => ({ ...line, tx: String(Number(line.tx) + 1) }))],
      ['id', tampered(nothing, (line) => ({ ...line, entry: randomUUID() }))],
      ['another clinic', tampered(nothing, (line) => ({ ...line, clinic: B }))],
      ['another month', tampered(nothing, (line) => ({ ...line, month: '2026-08' }))],
    ]
    for (const [detail, found] of cases) {
      const list = await found
      expect([detail, list]).toEqual([
        detail,
        expect.arrayContaining([
          expect.objectContaining({ code: 'unlogged-entry', detail: expect.stringContaining(detail) }),
          expect.objectContaining({ code: 'unwitnessed-row' }),
        ]),
      ])
    }
  })

  it('a waiting entry of a month that is closed', async () => {
    const trail = makeTrail(20)
    trail.close(MONTH)
    const waiting = trail.fork().commit(MONTH, [{ clinic: A, source: 'api' }])
    expect(await findings(trail, {}, { pending: waiting.map(toPending), manifest: { tx: String(trail.tx + 3) } })).toMatchObject([
      { code: 'unlogged-entry', detail: 'its month is closed' },
    ])
  })

  it('leaves of the spine that nobody has signed, whatever they say', async () => {
    const trail = makeTrail(20)
    const signed = trail.spine.length
    trail.close(MONTH)
    trail.drop(MONTH)
    for (const log of trail.logs.values()) log.isDropped = false
    logOf(trail).isDropped = true
    trail.checkpoints.splice(-2)
    const result = await check(trail)
    expect(result.findings.map(({ code, log }) => [code, log])).toEqual([
      ['tail-cut', trail.origin(logOf(trail))],
      ['unsigned-leaf', `chiron/${trail.installation}/spine`],
    ])
    expect(result.findings[1]).toMatchObject({ index: signed, last: trail.spine.length - 1 })
    expect([result.counts.closed, result.dropped]).toEqual([0, []])
  })

  it('a month that was closed before it had ended, by its own word or by the clock of its checkpoint', async () => {
    const close = async (month: string, at: string) => {
      const trail = makeTrail(0)
      trail.commit(month, [{ clinic: A, source: 'api' }])
      trail.publish()
      const { frontier } = trail.log(A, month)
      trail.extend([{ kind: 'closed', at, census: {}, clinic: A, month, root: frontier.root().toString('hex'), size: 1 }])
      return findings(trail)
    }
    expect(await close('2026-11', '2026-12-01T00:30:00.000000Z')).toEqual([])
    for (const [month, at] of [
      ['2026-11', '2026-11-30T23:59:59.000000Z'],
      ['2026-12', '2027-01-01T00:30:00.000000Z'],
    ] as const)
      expect(await close(month, at)).toMatchObject([{ code: 'spine-mismatch', detail: expect.stringContaining('before it had ended') }])
  })

  it('torn blocks and lost notes of the anchor file: a remark for what a crash leaves, a finding for what is gone', async () => {
    const trail = makeTrail(30)
    const notes = trail.checkpoints.map(({ note }) => note)
    const size = trail.spine.length
    const anchored = async (blocks: readonly string[] | null, told = size) => {
      const path = join(makeFolder(), 'anchor')
      if (blocks) writeFileSync(path, blocks.map((block) => `${block}====\n`).join(''))
      const { findings, remarks, counts } = await check(trail, { anchor: { notes: blocks && readNotes(path), size: told } })
      return { findings, remarks, count: counts.oldCheckpoints }
    }
    const [first = '', ...rest] = notes
    expect(await anchored(notes)).toEqual({ findings: [], remarks: [], count: notes.length })
    for (const torn of [first.slice(0, 60), first.slice(0, -9), first.slice(0, first.indexOf('—') + 5)])
      expect(await anchored([`${torn}\n`, ...rest])).toMatchObject({ findings: [], remarks: [{ code: 'torn-anchor', text: '1' }] })
    expect(await anchored([first.replace('2026-12-21', '2026-12-22'), ...rest])).toMatchObject({ findings: [{ code: 'bad-signature' }] })
    expect(await anchored(null, 0)).toMatchObject({ findings: [], remarks: [{ code: 'no-anchor-file' }] })
    for (const blocks of [null, [], notes.slice(0, -1)]) expect(await anchored(blocks)).toMatchObject({ findings: [{ code: 'anchor-missing', size }] })
    expect(await findings(trail, { checkpoints: [first.slice(0, 60)] })).toMatchObject([{ code: 'bad-checkpoint' }])
  })

  it('old checkpoints are compared once, however often they are given', async () => {
    const trail = makeTrail(30)
    const note = trail.lastCheckpoint()
    const forged = note.replace('2026-12-21', '2026-12-22')
    expect(await findings(trail, { checkpoints: [[note, note, note].join('====\n'), note] })).toEqual([])
    expect(await findings(trail, { checkpoints: [[forged, note].join('====\n')] })).toMatchObject([{ code: 'bad-signature' }])
  })

  it('a changed checkpoint, a foreign one, and old ones that nobody signed', async () => {
    const trail = makeTrail(20)
    const [first, second] = trail.checkpoints
    if (!first || !second) throw new Error('no checkpoints')
    const good = first.note
    first.note = good.replace('2026-12-21', '2026-12-22')
    expect(await findings(trail)).toMatchObject([{ code: 'bad-signature', log: `chiron/${trail.installation}/spine`, size: Number(first.size) }])
    first.note = logOf(trail).checkpoints[0]?.note ?? ''
    expect(await findings(trail)).toMatchObject([{ code: 'bad-checkpoint' }])
    first.note = good
    expect(await findings(trail, { checkpoints: [good.replace('2026-12-21', '2026-12-20')] })).toMatchObject([{ code: 'bad-signature' }])
    expect(await findings(trail, { checkpoints: [makeTrail(5).lastCheckpoint()] })).toMatchObject([{ code: 'bad-checkpoint' }])
    expect(await findings(trail, { key: new Trail(trail.installation, Buffer.alloc(32, 1)).key })).toMatchObject([
      { code: 'bad-signature', size: Number(first.size) },
    ])
  })

  it('a key of another installation', async () => {
    expect(await findings(makeTrail(5), { key: makeTrail(5).key })).toMatchObject([{ code: 'bad-signature' }])
  })

  it('a spine that says something else than the log', async () => {
    const trail = makeTrail(20)
    trail.extend([{ kind: 'head', clinic: A, month: MONTH, root: '00'.repeat(32), size: logOf(trail).entries.length }])
    expect(await findings(trail)).toMatchObject([{ code: 'spine-mismatch' }])
    const other = makeTrail(20)
    other.commit(MONTH, [{ clinic: A, source: 'api' }])
    other.extend([{ kind: 'head', clinic: A, month: MONTH, root: '00'.repeat(32), size: logOf(other).entries.length }])
    logOf(other).checkpoints.push({ size: 0n, note: other.note(other.origin(logOf(other)), logOf(other).frontier) })
    expect(await findings(other)).toMatchObject([{ code: 'spine-mismatch', log: other.origin(logOf(other)) }])
    const closed = makeTrail(20)
    closed.close(MONTH)
    const body = closed.spine.at(-1)?.body ?? ''
    const lying = closed.fork()
    lying.spine.pop()
    const honest = makeTrail(20)
    honest.extend([{ ...JSON.parse(body), clinic: A, root: logOf(honest).frontier.root().toString('hex'), size: logOf(honest).entries.length, census: {} }])
    expect(await findings(honest)).toMatchObject([{ code: 'spine-mismatch', detail: expect.stringContaining('census') }])
  })

  it('bodies that break a rule although they are signed', async () => {
    const plant = async (change: (body: string) => string) => {
      const trail = makeTrail(20)
      const log = logOf(trail)
      trail.commit(MONTH, [{ clinic: A, source: 'api' }])
      const entry = at(log.entries, -1)
      const body = change(entry.body)
      const again = makeTrail(0)
      const copy = again.log(A, MONTH)
      const entries = [...log.entries.slice(0, -1).filter(({ source }) => source === 'api'), { ...entry, body, leaf: hashLeaf(Buffer.from(body)) }]
      for (const one of entries) {
        copy.entries.push(one)
        copy.frontier.append(one.leaf)
      }
      again.publish()
      return findings(again)
    }
    expect(await plant((body) => body)).toEqual([])
    for (const change of [
      (body: string) => body.replace('{', '{ '),
      (body: string) => body.replace('"v":2', '"v":3'),
      (body: string) => body.replace(A, B),
      (body: string) => body.replace('"at":"2026-10', '"at":"2026-09'),
      (body: string) => body.replace(/"tx":"\d+"/, '"tx":"1"'),
      (body: string) => `${body.slice(0, -1)},"v":2}`,
      (body: string) => body.replace('"source":"api"', '"source":"none"'),
      () => 'no JSON',
    ])
      expect(await plant(change)).toMatchObject([{ code: 'bad-body', index: expect.any(Number) }])
  })

  it('an image that is not the one that was committed to', async () => {
    const trail = makeTrail(20)
    const row = logOf(trail).entries.find(({ source }) => source === 'row')
    const openImage = async (entry: string) => (entry === row?.id ? '00'.repeat(32) : null)
    expect(await findings(trail, { openImage })).toMatchObject([{ code: 'image-mismatch', entry: row?.id }])
  })
})

describe('a changed export', () => {
  const files = (trail: Trail) => ({
    entries: `logs/${A}/${MONTH}/tile/entries/000.p/${logOf(trail).entries.length}`,
    tile: `logs/${A}/${MONTH}/tile/0/000.p/${logOf(trail).entries.length}`,
  })

  it('names the tile that was changed or lost, and the entries that are good', async () => {
    const trail = makeTrail(20)
    const { tile } = files(trail)
    const change = (folder: string) => {
      const data = readFileSync(join(folder, tile))
      data.writeUInt8(data.readUInt8(40) ^ 1, 40)
      writeFileSync(join(folder, tile), data)
    }
    expect(await findings(trail, {}, {}, change)).toMatchObject([{ code: 'tile-mismatch', index: 1, files: [tile] }])
    expect(await findings(trail, {}, {}, (folder) => rmSync(join(folder, tile)))).toMatchObject([{ code: 'file-missing', files: [tile] }])
  })

  it('names entries that were added behind the last checkpoint', async () => {
    const trail = makeTrail(20)
    const signed = logOf(trail).entries.length
    trail.commit(MONTH, [{ clinic: A, source: 'api' }])
    expect(await findings(trail)).toMatchObject([{ code: 'bad-checkpoint', log: trail.origin(logOf(trail)), index: signed, count: 1 }])
  })

  it('names other files that were changed, lost or slipped in', async () => {
    const trail = makeTrail(20)
    expect(await findings(trail, {}, {}, (folder) => appendFileSync(join(folder, 'README.md'), '!'))).toMatchObject([
      { code: 'file-changed', files: ['README.md'] },
    ])
    expect(await findings(trail, {}, {}, (folder) => rmSync(join(folder, 'key.vkey')))).toMatchObject([{ code: 'file-missing', files: ['key.vkey'] }])
    expect(await findings(trail, {}, {}, (folder) => write(folder, 'pending.jsonl', ''))).toMatchObject([{ code: 'file-changed', files: ['pending.jsonl'] }])
  })

  it('names lost entries, whole logs among them', async () => {
    const trail = makeTrail(900, 9)
    const bundle = `logs/${A}/${MONTH}/tile/entries/${tilePath(0)}`
    expect(await findings(trail, {}, {}, (folder) => rmSync(join(folder, bundle)))).toMatchObject([{ code: 'file-missing', index: 0, files: [bundle] }])
    const found = await findings(trail, {}, {}, (folder) => {
      rmSync(join(folder, 'logs', A), { recursive: true })
      writeManifest(folder, { installation: trail.installation })
    })
    expect(found).toMatchObject([{ code: 'tail-cut', log: trail.origin(logOf(trail)), index: 0 }])
  })
})

describe('for any trail', () => {
  type Mutation = { kind: 'edit' | 'hash' | 'drop' | 'swap' | 'cut' | 'record' | 'byte'; place: number; other: number }
  const mutation = fc.record({
    kind: fc.constantFrom<Mutation['kind']>('edit', 'hash', 'drop', 'swap', 'cut', 'record', 'byte'),
    place: fc.nat(),
    other: fc.nat(),
  })

  it('an untouched export passes, and any single mutation of it is found where it is', { timeout: 300_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 800 }), fc.integer({ min: 1, max: 60 }), mutation, async (size, every, { kind, place, other }) => {
        const trail = makeTrail(size, every)
        const folder = makeFolder()
        const untouched = await check(trail, { checkpoints: [trail.checkpoints[place % trail.checkpoints.length]?.note ?? ''] })
        expect(untouched.findings).toEqual([])
        const log = logOf(trail)
        const { entries } = log
        const [one, two] = [place % entries.length, other % entries.length]
        if (kind === 'edit' || kind === 'hash') entries[one] = edit(at(entries, one), kind === 'hash')
        else if (kind === 'drop') entries.splice(one, 1)
        else if (kind === 'cut') entries.splice(one)
        else if (kind === 'record') trail.records.add(`Patient\t${randomUUID()}`)
        else if (kind === 'swap') {
          const [first, second] = [at(entries, one), at(entries, two)]
          entries[one] = second
          entries[two] = first
        }
        trail.export(folder)
        const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { files: { path: string; size: number }[] }
        const file = files.filter(({ size }) => size > 0)[place % files.filter(({ size }) => size > 0).length]
        if (kind === 'byte' && file) {
          const data = readFileSync(join(folder, file.path))
          data.writeUInt8(data.readUInt8(other % data.length) ^ 1, other % data.length)
          writeFileSync(join(folder, file.path), data)
        }
        const { ok, findings: found } = await verify(await openExport(folder), { key: trail.key })
        rmSync(folder, { recursive: true })
        const [first] = found
        if (kind === 'swap' && one === two) {
          expect(found).toEqual([])
          return
        }
        expect([kind, ok, found.length >= 1]).toEqual([kind, false, true])
        if (kind === 'edit') expect(first).toMatchObject({ code: 'body-edited', index: one })
        if (kind === 'cut') expect(first).toMatchObject({ code: 'tail-cut', index: one })
        if (kind === 'record') expect(first).toMatchObject({ code: 'unwitnessed-row' })
        if (kind === 'hash') {
          expect(first?.code).toBe('hash-edited')
          expect([(first?.index ?? 0) <= one, one <= (first?.last ?? 0)]).toEqual([true, true])
        }
        if (kind === 'drop') {
          expect(first?.code).toMatch(/entry-missing|tail-cut/)
          // Where nothing was stated after the gap, the finding says from where on it is not sure.
          expect(Number(/from (\d+)/.exec(first?.detail ?? '')?.[1] ?? first?.index) <= one).toBe(true)
        }
        if (kind === 'swap') expect(first).toMatchObject({ code: 'entries-swapped', index: Math.min(one, two), other: Math.max(one, two) })
      }),
      { numRuns: databaseRuns(40) },
    )
  })
})

describe('proof bundles', () => {
  /** Hashes of perfect subtrees over leaves in memory. */
  const hashesOf = (leaves: readonly Buffer[]) => async (wanted: readonly Subtree[]) => wanted.map(({ level, index }) => subtree(leaves, level, Number(index)))
  const subtree = (leaves: readonly Buffer[], level: number, index: number): Buffer =>
    level === 0 ? (leaves[index] ?? Buffer.alloc(0)) : hashNode(subtree(leaves, level - 1, 2 * index), subtree(leaves, level - 1, 2 * index + 1))
  const encode = (proof: readonly Buffer[]) => proof.map((part) => part.toString('base64'))

  async function makeBundle(trail: Trail, index: number) {
    const log = logOf(trail)
    const leaves = log.entries.map(({ leaf }) => leaf)
    const spine = trail.spine.map(({ leaf }) => leaf)
    const note = log.checkpoints.at(-1)?.note ?? ''
    const headIndex = trail.spine.findLastIndex(({ body }) => body.includes('"head"') && body.includes(A))
    const entry = at(log.entries, index)
    const [first, last] = [trail.checkpoints[0], trail.checkpoints.at(-1)]
    const spineProof = await proveConsistency(first?.size ?? 0n, last?.size ?? 0n, hashesOf(spine))
    return {
      v: 1,
      spine: { checkpoint: trail.lastCheckpoint() },
      logs: [
        {
          origin: trail.origin(log),
          checkpoint: note,
          head: {
            index: headIndex,
            body: trail.spine[headIndex]?.body ?? '',
            proof: encode(await proveInclusion(BigInt(headIndex), BigInt(spine.length), hashesOf(spine))),
          },
        },
      ],
      entries: [
        {
          origin: trail.origin(log),
          index,
          entry: entry.id,
          body: entry.body,
          proof: encode(await proveInclusion(BigInt(index), BigInt(leaves.length), hashesOf(leaves))),
        },
      ],
      consistency: [{ origin: `chiron/${trail.installation}/spine`, old: first?.note, new: last?.note, proof: encode(spineProof) }],
    }
  }

  it('hold as they are, and in none of many changed forms', async () => {
    const trail = makeTrail(100)
    const bundle = await makeBundle(trail, 17)
    expect(verifyProof(bundle, trail.key)).toEqual({ ok: true, proofs: 3, findings: [] })
    const changed = [
      (copy: typeof bundle) => Object.assign(copy.entries[0] ?? {}, { index: 18 }),
      (copy: typeof bundle) => Object.assign(copy.entries[0] ?? {}, { body: copy.entries[0]?.body.replace('"ok"', '"no"').replace('"insert"', '"update"') }),
      (copy: typeof bundle) => Object.assign(copy.entries[0] ?? {}, { entry: randomUUID() }),
      (copy: typeof bundle) => copy.entries[0]?.proof.pop(),
      (copy: typeof bundle) => Object.assign(copy.logs[0]?.head ?? {}, { index: 0 }),
      (copy: typeof bundle) => Object.assign(copy.logs[0]?.head ?? {}, { body: copy.logs[0]?.head.body.replace(A, B) }),
      (copy: typeof bundle) => Object.assign(copy.logs[0] ?? {}, { checkpoint: copy.logs[0]?.checkpoint.replace('2026-12-21', '2026-12-22') }),
      (copy: typeof bundle) => Object.assign(copy.spine, { checkpoint: copy.logs[0]?.checkpoint }),
      (copy: typeof bundle) => copy.consistency[0]?.proof.reverse().pop(),
      (copy: typeof bundle) => Object.assign(copy.consistency[0] ?? {}, { old: copy.consistency[0]?.new, new: copy.consistency[0]?.old }),
    ]
    for (const change of changed) {
      const copy = structuredClone(bundle)
      change(copy)
      expect([String(change), verifyProof(copy, trail.key).ok]).toEqual([String(change), false])
    }
    expect(verifyProof(bundle, new Trail(trail.installation, Buffer.alloc(32, 1)).key).ok).toBe(false)
    expect(() => verifyProof({ v: 2 }, trail.key)).toThrow(/no proof bundle/)
    expect(() => verifyProof({ v: 1 }, trail.key)).toThrow(/proves nothing/)
  })

  it('are checked by the command, which says so by its exit code', async () => {
    const trail = makeTrail(30)
    const file = join(makeFolder(), 'proof.json')
    const bundle = await makeBundle(trail, 3)
    writeFileSync(file, JSON.stringify(bundle))
    expect(run('proof', file, '--key', trail.key, '--lang', 'es')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('todas las pruebas se sostienen'),
    })
    writeFileSync(file, JSON.stringify({ ...bundle, entries: bundle.entries.map((entry) => ({ ...entry, index: 4 })) }))
    expect(run('proof', file, '--key', trail.key, '--lang', 'en')).toMatchObject({ status: 1, stdout: expect.stringContaining('bad-proof') })
    writeFileSync(file, '{')
    expect(run('proof', file, '--key', trail.key).status).toBe(2)
  })
})

function run(...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
}

describe('the command', () => {
  it('answers 0 for a good export, in both languages and as JSON', () => {
    const trail = makeTrail(50)
    const folder = makeFolder()
    trail.export(folder)
    write(`${folder}-old`, 'old.txt', trail.checkpoints.map(({ note }) => note).join('====\n'))
    folders.push(`${folder}-old`)
    const old = join(`${folder}-old`, 'old.txt')
    expect(run(folder, '--key', trail.key, '--checkpoint', old, '--lang', 'en')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('GOOD'),
      stderr: '',
    })
    expect(run(folder, '--key', join(folder, 'key.vkey'), '--lang', 'es')).toMatchObject({ status: 0, stdout: expect.stringContaining('CORRECTO') })
    expect(JSON.parse(run(folder, '--key', trail.key, '--json').stdout)).toMatchObject({
      ok: true,
      isKeyFromExport: false,
      findings: [],
      counts: { entries: 60 },
    })
  })

  it('answers 3 for a part of a trail, unless that is what was wanted, and ends with what was covered', () => {
    const trail = makeTrail(50)
    const folder = makeFolder()
    trail.export(folder, { isPartial: true, manifest: { isWhole: false } })
    const part = run(folder, '--key', trail.key, '--lang', 'en')
    expect([part.status, part.stdout.trimEnd().split('\n').at(-1)]).toEqual([3, expect.stringContaining('PARTIAL: only 2 logs (2 clinics, 1 months)')])
    const wanted = run(folder, '--partial', '--key', trail.key, '--lang', 'es')
    expect([wanted.status, wanted.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringContaining('PARCIAL')])
    expect(JSON.parse(run(folder, '--key', trail.key, '--json').stdout)).toMatchObject({
      ok: true,
      coverage: { isPartial: true, logs: 2, clinics: 2, months: 1 },
    })
  })

  it('names a census that was taken out of a whole export', async () => {
    const trail = makeTrail(20)
    const found = await findings(trail, {}, {}, (folder) => {
      rmSync(join(folder, 'census.tsv'))
      writeManifest(folder, { installation: trail.installation, isWhole: true })
    })
    expect(found).toMatchObject([{ code: 'file-missing', files: ['census.tsv'] }])
  })

  it('answers 1 and names the entry when something is wrong', () => {
    const trail = makeTrail(50)
    const { entries } = logOf(trail)
    entries[7] = edit(at(entries, 7))
    const folder = makeFolder()
    trail.export(folder)
    const english = run(folder, '--key', trail.key, '--lang', 'en')
    expect(english).toMatchObject({ status: 1, stdout: expect.stringContaining(at(entries, 7).id) })
    expect(english.stdout).toContain(explain('body-edited', 'en'))
    expect(run(folder, '--key', trail.key, '--lang', 'es')).toMatchObject({ status: 1, stdout: expect.stringContaining(explain('body-edited', 'es')) })
  })

  it('says loudly when it took the key from the export', () => {
    const trail = makeTrail(5)
    const folder = makeFolder()
    trail.export(folder)
    const { status, stdout, stderr } = run(folder, '--lang', 'en')
    expect([status, stdout.includes('WARNING'), stderr.includes(`${trail.key}`)]).toEqual([0, true, true])
  })

  it('answers 2 when it cannot run', () => {
    expect(run().status).toBe(2)
    expect(run('--frobnicate', 'x').status).toBe(2)
    expect(run('/nowhere/at/all', '--key', makeTrail(1).key)).toMatchObject({ status: 2, stderr: expect.stringContaining('manifest.json') })
    const folder = makeFolder()
    makeTrail(3).export(folder)
    expect(run(folder, '--key', 'chiron/x/spine+00000000+AAAA').status).toBe(2)
    expect(run(folder, '--key', join(folder, 'absent')).status).toBe(2)
  })

  it('imports nothing but Node', () => {
    const imports = [...readFileSync(PROGRAM, 'utf8').matchAll(/\b(?:from|import\()\s*'([^']+)'/g)].map(([, name]) => name)
    expect(imports.length).toBeGreaterThan(3)
    expect(imports.filter((name) => !name?.startsWith('node:'))).toEqual([])
  })
})

describe('a running database', () => {
  const month = new Date().toISOString().slice(0, 7)
  const shard = `${month}-01`
  const SUBJECT = randomUUID()
  let database: ClonedDatabase
  let admin: pg.Client
  let trail: Trail
  const list = () => trail.log(A, month).entries

  beforeAll(async () => {
    database = await cloneDatabase(TEMPLATE)
    admin = new pg.Client({ connectionString: database.adminUrl })
    await admin.connect()
    // As a superuser with triggers off: what the verifier is for.
    await admin.query("SET session_replication_role = 'replica'")
    await admin.query('DELETE FROM audit.entry')
    const { rows } = await admin.query<{ type: string; id: string }>('SELECT type, id FROM list_audited_records()')
    trail = new Trail(randomUUID())
    trail.commit(month, [{ clinic: A, source: 'api' }, ...rows.map(({ type, id }) => ({ clinic: A, source: 'row' as const, type, id }))])
    const erased = { clinic: A, source: 'row', op: 'update', subject: SUBJECT } as const
    trail.commit(month, [{ clinic: A, source: 'api' }, erased])
    trail.commit(month, [
      { clinic: A, source: 'api' },
      { clinic: NIL, source: 'row', op: 'update', type: 'AuditImage', id: SUBJECT },
    ])
    for (let number = 0; number < 900; number += 1) {
      trail.commit(month, [
        { clinic: number % 3 === 0 ? B : A, source: 'api' },
        ...(number % 5 === 0 ? [{ clinic: A, source: 'row' as const, op: 'update' as const }] : []),
      ])
      if (number % 10 === 0) trail.publish()
    }
    trail.commit(month, [{ clinic: A, source: 'api' }, erased])
    trail.publish()
    await store(trail, admin)
  })
  afterAll(async () => {
    await admin?.end()
    await database?.drop()
  })

  async function look(options: Partial<Options> = {}, connectionString = database.sequencerUrl) {
    const client = new pg.Client({ connectionString })
    await client.connect()
    try {
      const source = await openDatabase(client)
      const result = await verify(source, { key: trail.key, ...options })
      await source.close()
      return result
    } finally {
      await client.end()
    }
  }

  /** What the verifier finds after a change that is then undone. */
  async function findAfter(undo: string, ...changes: string[]) {
    for (const change of changes) await admin.query(change)
    const { findings } = await look({ checkpoints: [trail.lastCheckpoint()] })
    for (const change of undo.split(';')) await admin.query(change)
    return findings
  }
  const keep = 'CREATE TEMP TABLE IF NOT EXISTS kept AS TABLE audit.entry; CREATE TEMP TABLE IF NOT EXISTS kept_leaf AS TABLE audit.leaf'
  const restore = `DELETE FROM audit.entry; INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, xid, at, source, body)
    SELECT shard, id, organisation_id, clinic_id, xid, at, source, body FROM kept; DELETE FROM audit.leaf; INSERT INTO audit.leaf TABLE kept_leaf`
  const edited = (index: number) =>
    `UPDATE audit.entry SET body = convert_to(replace(replace(convert_from(body, 'UTF8'), '"ok"', '"no"'), '"op":"update"', '"op":"delete"'), 'UTF8') WHERE id = '${at(list(), index).id}'`

  it('passes untouched, with its rows counted, and changes nothing', async () => {
    const result = await look({ checkpoints: [trail.lastCheckpoint()] })
    expect(result.findings).toEqual([])
    expect(result).toMatchObject({
      ok: true,
      remarks: [],
      counts: { entries: [...trail.logs.values()].reduce((sum, { entries }) => sum + entries.length, 0), logs: 3 },
    })
    expect(result.counts.records).toBe(trail.records.size)
  })

  it('names what a superuser changed, removed, swapped or cut', async () => {
    await admin.query(keep)
    const { id } = at(list(), 300)
    expect(await findAfter(restore, edited(300))).toMatchObject([{ code: 'body-edited', index: 300, entry: id }])
    const withHash = `UPDATE audit.leaf l SET leaf_hash = e.leaf_hash FROM audit.entry e WHERE e.id = l.entry_id AND l.leaf_hash <> e.leaf_hash`
    expect(await findAfter(restore, edited(300), withHash)).toMatchObject([{ code: 'hash-edited', index: 300, entry: id }])
    const last = list().length - 3
    const [late] = await findAfter(restore, edited(last), withHash)
    expect([late?.code, (late?.index ?? 0) <= last, last <= (late?.last ?? 0)]).toEqual(['hash-edited', true, true])
    expect(await findAfter(restore, `DELETE FROM audit.entry WHERE id = '${id}'`)).toMatchObject([{ code: 'entry-missing', index: 300, entry: id }])
    expect(await findAfter(restore, `DELETE FROM audit.entry WHERE id = '${id}'`, `DELETE FROM audit.leaf WHERE entry_id = '${id}'`)).toMatchObject([
      { code: 'entry-missing', index: 300 },
    ])
    const other = at(list(), 310)
    const swap = `UPDATE audit.entry e SET body = k.body FROM kept k WHERE (e.id, k.id) IN (('${id}', '${other.id}'), ('${other.id}', '${id}'))`
    expect(await findAfter(restore, swap)).toMatchObject([{ code: 'entries-swapped', index: 300, other: 310 }])
    const size = list().length
    expect(await findAfter(restore, `DELETE FROM audit.leaf WHERE log = 1 AND idx >= ${size - 4}`)).toMatchObject([
      { code: 'tail-cut', index: size - 4, last: size - 1 },
    ])
    expect((await look()).findings).toEqual([])
  })

  it('names columns that contradict the body, entries in no log, and wrong tiles', async () => {
    const { id, tx } = at(list(), 5)
    expect(await findAfter(`UPDATE audit.entry SET xid = '${tx}' WHERE id = '${id}'`, `UPDATE audit.entry SET xid = '7' WHERE id = '${id}'`)).toMatchObject([
      { code: 'index-mismatch', index: 5, entry: id, detail: 'xid' },
    ])
    expect(
      await findAfter(
        `UPDATE audit.entry SET organisation_id = '${NIL}' WHERE id = '${id}'`,
        `UPDATE audit.entry SET organisation_id = '${B}' WHERE id = '${id}'`,
      ),
    ).toMatchObject([{ code: 'index-mismatch', index: 5, entry: id, detail: 'organisation' }])
    const stray = randomUUID()
    const insert = `INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, xid, body) VALUES ('${shard}', '${stray}', '${A}', '${A}', '50', '{}')`
    expect(await findAfter(`DELETE FROM audit.entry WHERE id = '${stray}'`, insert)).toMatchObject([{ code: 'unlogged-entry', entry: stray }])
    const tile = (hashes: string) => `UPDATE audit.tile SET hashes = ${hashes} WHERE log = 1 AND level = 0 AND idx = 1`
    const wrong = tile("overlay(hashes PLACING decode(repeat('00', 32), 'hex') FROM 33)")
    await admin.query('CREATE TEMP TABLE kept_tile AS SELECT hashes FROM audit.tile WHERE log = 1 AND level = 0 AND idx = 1')
    expect(await findAfter(tile('(SELECT hashes FROM kept_tile)'), wrong)).toMatchObject([{ code: 'tile-mismatch', index: 257 }])
  })

  it('names a row that was inserted with the triggers off, by its id', async () => {
    const { rows } = await admin.query<{ id: string }>("INSERT INTO organisation (id, name, country_code) VALUES (uuidv7(), 'Nobody', 'MX') RETURNING id")
    const [row] = rows
    expect((await look()).findings).toMatchObject([{ code: 'unwitnessed-row', record: row?.id }])
    await admin.query('DELETE FROM organisation WHERE id = $1', [row?.id])
  })

  it('names a row that was inserted with the triggers off, although a forged entry says that it only waits', async () => {
    const organisation = randomUUID()
    await admin.query("INSERT INTO organisation (id, name, country_code) VALUES ($1, 'Nobody', 'MX')", [organisation])
    const forge = async (tx: string) => {
      const forged = trail.fork()
      forged.tx = Number(tx) - 1
      const [entry] = forged.commit(month, [{ clinic: A, source: 'row', type: 'Organisation', id: organisation }])
      if (!entry) throw new Error('no entry')
      const id = randomUUID()
      const body = entry.body.replaceAll(entry.id, id).replace(/"tx":"[^"]+"/, `"tx":"${tx}"`)
      await admin.query(
        `INSERT INTO audit.entry (shard, id, organisation_id, clinic_id, xid, at, source, body)
         VALUES ($1::date, $2, $3, $4, $5::text::xid8, $6, 'row', convert_to($7, 'UTF8'))`,
        [shard, id, NIL, A, tx, entry.at, body],
      )
      const { findings } = await look()
      await admin.query('DELETE FROM audit.entry WHERE id = $1', [id])
      return { id, codes: findings.map(({ code }) => code), first: findings[0] }
    }
    // Beyond the database's own counter: no sequencer ever comes so far.
    const { id, codes, first } = await forge('9000000000000000000')
    expect(codes).toEqual(['unlogged-entry', 'unwitnessed-row'])
    expect(first).toMatchObject({ entry: id, detail: expect.stringContaining('has not begun') })
    await admin.query('DELETE FROM organisation WHERE id = $1', [organisation])
  })

  it('names images that are gone, as long as nobody recorded that their subject was erased', async () => {
    const index = list().findIndex(({ body }) => body.includes('"subject":null'))
    const { id } = at(list(), index)
    const isGone = `DELETE FROM audit.image WHERE entry_id = '${id}'`
    const again = `INSERT INTO audit.image (shard, entry_id, subject_id, key_id, ct) VALUES ('${shard}', '${id}', '${A}', '${A}', '')`
    expect(await findAfter(again, isGone)).toMatchObject([{ code: 'image-missing', index, entry: id, log: trail.origin(trail.log(A, month)) }])
    const waits = `INSERT INTO audit.image_pending (entry_id, organisation_id, clinic_id, salt, plaintext) VALUES ('${id}', '${NIL}', '${A}', decode(repeat('00', 32), 'hex'), '')`
    expect(await findAfter(`DELETE FROM audit.image_pending WHERE entry_id = '${id}';${again}`, isGone, waits)).toEqual([])
    // What was written before the erasure may be gone, what was written long after it may not.
    const [before, after] = list().filter(({ body }) => body.includes(`"subject":"${SUBJECT}"`))
    await admin.query('CREATE TEMP TABLE kept_image AS TABLE audit.image')
    const restored = 'DELETE FROM audit.image;INSERT INTO audit.image TABLE kept_image'
    expect(await findAfter(restored, `DELETE FROM audit.image WHERE entry_id IN ('${before?.id}', '${after?.id}')`)).toMatchObject([
      { code: 'image-missing', entry: after?.id },
    ])
    const many = await findAfter(restored, `DELETE FROM audit.image i USING audit.entry e WHERE e.id = i.entry_id AND e.clinic_id = '${A}'`)
    const rows = list().filter(({ source }) => source === 'row').length
    // One of them is excused.
    expect([many.length, many.at(-1)?.count, new Set(many.map(({ code }) => code))]).toEqual([20, rows - 1 - 19, new Set(['image-missing'])])
  })

  it('names an older copy by its own transactions', async () => {
    const later = trail.fork()
    later.tx = 9_000_000_000
    later.commit(month, [{ clinic: A, source: 'api' }])
    later.publish()
    expect((await look({ checkpoints: [later.lastCheckpoint()] })).findings).toMatchObject([{ code: 'older-copy', index: trail.spine.length }])
  })
})
