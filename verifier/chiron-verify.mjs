#!/usr/bin/env node
// @ts-check
// Verifies Chiron's audit trail. Everything that it checks is described in docs/audit-format.md. This file needs Node 20 or
// newer and nothing else: it shares no code with the program whose work it judges, and it opens no connection.
import { isUtf8 } from 'node:buffer'
import * as crypto from 'node:crypto'
import { createReadStream, realpathSync } from 'node:fs'
import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

/** @typedef {{ origin: string, clinic: string, month: string }} Log */
/** @typedef {{ entry: string, tx: string, at: string, organisation?: string, clinic: string, month: string, source: string }} Columns What the database says beside the body. */
/** @typedef {{ index: number, data: Buffer | null, entry?: string | null, leafHash?: Buffer | null, columns?: Columns }} Leaf `data` is a zero byte and the body; null when the entry is gone. */
/** @typedef {{ size?: number, note: string }} StoredCheckpoint `size`: under which it is kept. */
/** @typedef {{ clinic: string, month: string, entry: string, tx: string }} Unlogged */
/** @typedef {Unlogged & { body: Buffer | null, organisation?: string, at?: string, source?: string }} Loose An entry that is in no log yet, and what stands beside its body. */
/** @typedef {{ clinic: string, entry: string, index: number, body: Buffer }} Imageless A row entry of a log without its image. */
/** @typedef {{ name: string, isMissing: boolean }} FileProblem */
/**
 * Where the trail is read from. Pages of leaves hold at most 256, begin at multiples of 256, have no gaps, and are valid until the next one is asked for.
 * `isPendingWhole`: what is in no log is in `pending` or `unlogged`. `now`: when the trail was read, by the database's clock.
 * @typedef {{
 *   installation: string,
 *   isPartial: boolean,
 *   counter: number | null,
 *   logs(): Promise<Log[]>,
 *   leaves(log: Log, atLeast: number): AsyncIterable<Leaf[]>,
 *   tile(log: Log, level: number, index: number): Promise<Buffer | null>,
 *   hasPartialTiles: boolean,
 *   checkpoints(log: Log): AsyncIterable<StoredCheckpoint>,
 *   tree(log: Log): Promise<{ size: number, frontier: Buffer } | null>,
 *   records(): AsyncIterable<[type: string, id: string][]> | null,
 *   unlogged(): AsyncIterable<Unlogged>,
 *   pending(): AsyncIterable<Loose>,
 *   isPendingWhole: boolean,
 *   now: string | null,
 *   missingImages?: (month: string) => AsyncIterable<Imageless>,
 *   fileProblems(): Promise<FileProblem[]>,
 *   horizon: number | null,
 * }} Source
 */
/** @typedef {{ name: string, type: number, publicKey: Buffer, id: Buffer, key: crypto.KeyObject }} Key */
/** @typedef {{ origin: string, size: number, root: Buffer, at: string | null, tx: number | null, text: string, signatures: { name: string, bytes: Buffer }[] }} Checkpoint */
/**
 * What is wrong, from the first bad entry on. `index` is the entry's place in its log; `last` the end of a range, inclusive.
 * @typedef {{
 *   code: string, log: string | null, message: string, index?: number, last?: number, entry?: string, entries?: (string | null)[], other?: number,
 *   count?: number, size?: number, type?: string, record?: string, detail?: string, files?: string[], also?: string[],
 * }} Finding
 */
/** @typedef {{ entries: number, leaves: number, logs: number, checkpoints: number, oldCheckpoints: number, heads: number, rows: number, records: number, dropped: number, closed: number, unsigned: number, cosigned: Record<string, { count: number, size: number }> }} Counts */
/** @typedef {{ code: string, text: string }} Remark Something that limits what was checked. */
/** @typedef {{ log: string, size: number, policy: string, at: string }} Dropped A log whose entries were deleted, and what the spine says of it. */
/** @typedef {{ isPartial: boolean, logs: number, clinics: number, months: number }} Coverage What was checked; all there is unless partial. */
/** @typedef {{ ok: boolean, counts: Counts, findings: Finding[], remarks: Remark[], dropped: Dropped[], coverage: Coverage }} Result */
/** @typedef {{ log: string, entries: number }} Progress */
/**
 * @typedef {{
 *   key: string, checkpoints?: string[], anchor?: { notes: AsyncIterable<string> | null, size: number }, witnesses?: string[], onProgress?: (progress: Progress) => void,
 *   openImage?: (entry: string) => Promise<string | null>, include?: (log: Log) => boolean,
 * }} Options `key`: the spine's verifier key. `checkpoints`: texts with old notes.
 * `anchor`: notes of the anchor file, null when there is none, and the size that it has been told of. `openImage`: commitment of an entry's image, null when there is none (any more).
 */

const NIL = '00000000-0000-0000-0000-000000000000'
const WIDTH = 256
const HASH = 32
/** How many findings of one kind in one log are named; the rest is counted. */
const NAMED = 20

/** The trail cannot be read, or the question makes no sense: no statement about tampering. */
export class VerifierError extends Error {}

// ── Hashes and trees (RFC 6962) ─────────────────────────────────────────────────────────────────────────────────────

/** @type {(data: Buffer | string) => Buffer} */
const sha256 =
  typeof crypto.hash === 'function'
    ? (data) => /** @type {Buffer} */ (crypto.hash('sha256', data, 'buffer'))
    : (data) => crypto.createHash('sha256').update(data).digest()
const EMPTY_ROOT = sha256('')
const ZERO = Buffer.alloc(HASH)
const ZERO_BYTE = Buffer.of(0)
const pair = Buffer.alloc(1 + 2 * HASH, 1)

/** @param {Buffer} left @param {Buffer} right */
function hashNode(left, right) {
  left.copy(pair, 1)
  right.copy(pair, 1 + HASH)
  return sha256(pair)
}

/** @param {Buffer | string} body */
function hashBody(body) {
  return sha256(Buffer.concat([ZERO_BYTE, typeof body === 'string' ? Buffer.from(body) : body]))
}

/** A growing tree that keeps the roots of its perfect subtrees only. */
class Frontier {
  size = 0
  /** @type {{ level: number, hash: Buffer }[]} */
  #roots = []

  /** @param {Buffer} leaf */
  append(leaf) {
    let node = leaf
    let level = 0
    for (let last = this.#roots.at(-1); last !== undefined && last.level === level; last = this.#roots.at(-1)) {
      this.#roots.pop()
      node = hashNode(last.hash, node)
      level += 1
    }
    this.#roots.push({ level, hash: node })
    this.size += 1
  }

  root() {
    let at = this.#roots.length - 1
    let hash = this.#roots[at]?.hash
    if (hash === undefined) return EMPTY_ROOT
    for (at -= 1; at >= 0; at -= 1) hash = hashNode(/** @type {{ hash: Buffer }} */ (this.#roots[at]).hash, hash)
    return hash
  }

  /** The root of the last 2^level leaves, when they make up a perfect subtree. @param {number} level @returns {Buffer | null} */
  subtree(level) {
    const last = this.#roots.at(-1)
    if (last === undefined || last.level < level) return null
    return last.level === level ? last.hash : null
  }

  roots() {
    return Buffer.concat(this.#roots.map(({ hash }) => hash))
  }
}

/** Root over 32-byte hashes. @param {Buffer} hashes */
function rootOf(hashes) {
  const tree = new Frontier()
  for (let at = 0; at < hashes.length; at += HASH) tree.append(hashes.subarray(at, at + HASH))
  return tree.root()
}

/** RFC 9162 2.1.3.2. Null when the path has the wrong length. @param {bigint} index @param {bigint} size @param {Buffer} leaf @param {Buffer[]} path */
function rootFromInclusion(index, size, leaf, path) {
  if (index < 0n || index >= size) return null
  let [node, last, hash] = [index, size - 1n, leaf]
  for (const sibling of path) {
    if (last === 0n) return null
    if (node % 2n === 1n || node === last) {
      hash = hashNode(sibling, hash)
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n]
    } else hash = hashNode(hash, sibling)
    ;[node, last] = [node / 2n, last / 2n]
  }
  return last === 0n ? hash : null
}

/** RFC 9162 2.1.4.2. @param {bigint} old @param {bigint} size @param {Buffer} oldRoot @param {Buffer} root @param {Buffer[]} proof */
function isConsistent(old, size, oldRoot, root, proof) {
  if (old > size) return false
  if (old === size) return proof.length === 0 && oldRoot.equals(root)
  if (old === 0n) return proof.length === 0 && oldRoot.equals(EMPTY_ROOT)
  const [first, ...rest] = (old & (old - 1n)) === 0n ? [oldRoot, ...proof] : proof
  if (first === undefined) return false
  let [node, last] = [old - 1n, size - 1n]
  while (node % 2n === 1n) [node, last] = [node / 2n, last / 2n]
  let [was, is] = [first, first]
  for (const sibling of rest) {
    if (last === 0n) return false
    if (node % 2n === 1n || node === last) {
      was = hashNode(sibling, was)
      is = hashNode(sibling, is)
      while (node % 2n === 0n && node !== 0n) [node, last] = [node / 2n, last / 2n]
    } else is = hashNode(is, sibling)
    ;[node, last] = [node / 2n, last / 2n]
  }
  return last === 0n && was.equals(oldRoot) && is.equals(root)
}

// ── Signed notes and checkpoints (C2SP) ─────────────────────────────────────────────────────────────────────────────

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

/** @param {string} name @param {number} type @param {Buffer} publicKey @returns {Key} */
function makeKey(name, type, publicKey) {
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).subarray(0, 4)
  return { name, type, publicKey, id, key: crypto.createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }) }
}

/** Reads a verifier key `name+id+base64`. Throws VerifierError. @param {string} text @param {1 | 4} type */
export function parseKey(text, type) {
  const [, name, id, encoded] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/.exec(text.trim()) ?? []
  const bytes = Buffer.from(encoded ?? '', 'base64')
  if (name === undefined || bytes.length !== 33 || bytes[0] !== type)
    throw new VerifierError(`this is no verifier key (name+id+key): ${text.trim().slice(0, 80)}`)
  const key = makeKey(name, type, bytes.subarray(1))
  if (key.id.toString('hex') !== id) throw new VerifierError(`the verifier key is damaged, its id does not fit: ${text.trim()}`)
  return key
}

/** Null when the note is no checkpoint. @param {string} note @returns {Checkpoint | null} */
function parseCheckpoint(note) {
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) return null
  const text = note.slice(0, split + 1)
  const [origin, size, encoded, ...extensions] = text.slice(0, -1).split('\n')
  const root = Buffer.from(encoded ?? '', 'base64')
  if (!origin || !/^(0|[1-9]\d{0,15})$/.test(size ?? '') || root.length !== HASH || root.toString('base64') !== encoded) return null
  const signatures = []
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const [, name, signature] = /^— ([^+\s]+) ([A-Za-z0-9+/]+=*)$/.exec(line) ?? []
    if (name === undefined) return null
    signatures.push({ name, bytes: Buffer.from(signature ?? '', 'base64') })
  }
  const [, at, tx] = extensions.map((line) => /^chiron\/v1 (\S+) (\d{1,20})$/.exec(line)).find((match) => match !== null) ?? []
  return { origin, size: Number(size), root, at: at ?? null, tx: tx === undefined ? null : Number(tx), text, signatures }
}

/** @param {Checkpoint} checkpoint @param {Key} key @returns {boolean | null} null when the key did not sign at all. */
function isSignedBy({ text, signatures }, key) {
  const mine = signatures.filter(({ name, bytes }) => name === key.name && bytes.subarray(0, 4).equals(key.id))
  if (mine.length === 0) return null
  return mine.every(({ bytes }) => {
    if (key.type === 1) return crypto.verify(null, Buffer.from(text), key.key, bytes.subarray(4))
    return bytes.length === 76 && crypto.verify(null, Buffer.from(`cosignature/v1\ntime ${bytes.readBigUInt64BE(4)}\n${text}`), key.key, bytes.subarray(12))
  })
}

/** Whether the installation signed: as `isSignedBy`, but several at once. @param {Checkpoint} checkpoint @param {Key} key @returns {Promise<boolean>} */
async function isSigned({ text, signatures }, key) {
  const mine = signatures.filter(({ name, bytes }) => name === key.name && bytes.subarray(0, 4).equals(key.id))
  const check = (/** @type {Buffer} */ signature) =>
    new Promise((resolve) => crypto.verify(null, Buffer.from(text), key.key, signature, (error, isGood) => resolve(!error && isGood)))
  return mine.length > 0 && (await Promise.all(mine.map(({ bytes }) => check(bytes.subarray(4))))).every(Boolean)
}

/** Notes of a text, one or many, separated by lines of equal signs. @param {string} text */
export function splitNotes(text) {
  return text
    .replaceAll('\r\n', '\n')
    .split(/^====$/m)
    .map((note) => `${note.trim()}\n`)
    .filter((note) => note !== '\n')
}

/** No note is nearly as long. */
const MAX_NOTE = 65_536

/** Notes of lines, separated by lines of equal signs; what is too long for a note comes cut. @param {AsyncIterable<string>} lines @returns {AsyncGenerator<string>} */
async function* joinNotes(lines) {
  let note = ''
  for await (const line of lines) {
    if (line !== '====') {
      if (note.length < MAX_NOTE) note += `${line}\n`
      continue
    }
    if (note.trim() !== '') yield `${note.trim()}\n`
    note = ''
  }
  if (note.trim() !== '') yield `${note.trim()}\n`
}

/** Notes of a file of any length, one after another. Throws what reading it throws. @param {string} path @returns {AsyncGenerator<string>} */
export async function* readNotes(path) {
  const file = await open(path)
  try {
    yield* joinNotes(file.readLines({ autoClose: false }))
  } finally {
    await file.close()
  }
}

// ── Bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @typedef {Record<string, unknown>} Json */

/** True when every object's members are in order. @param {unknown} value @returns {boolean} */
function isSorted(value) {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(isSorted)
  let before = null
  for (const key in value) {
    if (before !== null && before >= key) return false
    if (!isSorted(/** @type {Json} */ (value)[key])) return false
    before = key
  }
  return true
}

/** RFC 8785. @param {unknown} value @returns {string} */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const members = Object.keys(value).sort((a, b) => (a < b ? -1 : 1))
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(/** @type {Json} */ (value)[key])}`).join(',')}}`
}

/** The object that a body holds; null when it is not canonical JSON. @param {Buffer} body @returns {Json | null} */
function parseBody(body) {
  if (!isUtf8(body)) return null
  const text = body.toString('utf8')
  try {
    const value = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    // Keys that look like numbers come first in JavaScript, whatever their place: those take the slow way.
    return (JSON.stringify(value) === text && isSorted(value)) || canonical(value) === text ? value : null
  } catch {
    return null
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const INSTANT = /^\d{4}-(0[1-9]|1[0-2])-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const TX = /^(0|[1-9]\d{0,19})$/
const HEX = /^[0-9a-f]{64}$/

/** A log's month is that of its transactions' start: a statement may come a little later. @param {string} at @param {string} month */
function fitsMonth(at, month) {
  if (at.startsWith(month)) return true
  const [year, number] = month.split('-').map(Number)
  const end = Date.UTC(year ?? 0, number ?? 0, 1)
  const instant = Date.parse(`${at.slice(0, 23)}Z`)
  return instant >= end && instant < end + 86_400_000
}

/** What an entry's body gets wrong; null when nothing. @param {Json} body @param {Log} log @returns {string | null} */
function findBodyProblem(body, log) {
  if (body.v !== 1 && body.v !== 2) return 'unknown version'
  if (body.source !== 'api' && body.source !== 'row') return 'unknown source'
  if (typeof body.at !== 'string' || !INSTANT.test(body.at)) return 'malformed instant'
  if (body.clinic !== log.clinic) return 'it belongs to another clinic'
  if (!fitsMonth(body.at, log.month)) return 'it belongs to another month'
  if (body.v === 2 && (typeof body.entry !== 'string' || !UUID.test(body.entry))) return 'malformed entry id'
  if (body.v === 2 && (typeof body.tx !== 'string' || !TX.test(body.tx))) return 'malformed transaction id'
  if (body.source === 'row') {
    if (typeof body.type !== 'string' || typeof body.id !== 'string') return 'malformed record'
    if (body.op !== 'insert' && body.op !== 'update' && body.op !== 'delete') return 'unknown change'
    if (typeof body.commitment !== 'string' || !HEX.test(body.commitment)) return 'malformed commitment'
  } else if (typeof body.action !== 'string' || typeof body.outcome !== 'string') return 'malformed operation'
  return null
}

// ── Sums over records ───────────────────────────────────────────────────────────────────────────────────────────────

/** Sum of 256-bit numbers modulo 2^256, in limbs of 32 bits that have room for a million additions. */
class Sum {
  count = 0
  #limbs = new Float64Array(8)
  #added = 0
  #folded = 0n

  /** @param {Buffer} hash @param {number} sign 1 or -1 */
  add(hash, sign) {
    for (let limb = 0; limb < 8; limb += 1) this.#limbs[limb] = /** @type {number} */ (this.#limbs[limb]) + sign * hash.readUInt32BE(limb * 4)
    this.count += sign
    this.#added += 1
    if (this.#added === 1_000_000) this.#fold()
  }

  /** @param {bigint} value @param {number} count */
  addTotal(value, count) {
    this.#folded += value
    this.count += count
  }

  #fold() {
    let value = 0n
    for (const limb of this.#limbs) value = (value << 32n) + BigInt(limb)
    this.#folded = BigInt.asUintN(256, this.#folded + value)
    this.#limbs.fill(0)
    this.#added = 0
  }

  value() {
    this.#fold()
    return BigInt.asUintN(256, this.#folded)
  }
}

/** @typedef {Map<string, Sum>} Census */

/** @param {Census} census @param {string} type */
function sumOf(census, type) {
  let sum = census.get(type)
  if (sum === undefined) {
    sum = new Sum()
    census.set(type, sum)
  }
  return sum
}

/** @param {string} type @param {string} id */
const hashRecord = (type, id) => sha256(`${type}\n${id}`)

/** Growing sequence of ascending numbers, a byte or two each. */
class Ascending {
  #bytes = Buffer.alloc(64)
  #used = 0
  #last = 0

  /** @param {number} value */
  push(value) {
    if (this.#used + 10 > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length)])
    let rest = value - this.#last
    this.#last = value
    for (; rest > 127; rest = Math.floor(rest / 128)) this.#bytes[this.#used++] = (rest % 128) | 128
    this.#bytes[this.#used++] = rest
  }

  *[Symbol.iterator]() {
    let value = 0
    for (let at = 0; at < this.#used; ) {
      let [scale, byte] = [1, this.#bytes.readUInt8(at++)]
      for (; byte > 127; byte = this.#bytes.readUInt8(at++)) {
        value += (byte & 127) * scale
        scale *= 128
      }
      value += byte * scale
      yield value
    }
  }
}

// ── One log, one pass ───────────────────────────────────────────────────────────────────────────────────────────────

/** What somebody has stated about a log: its root at a size. @typedef {{ size: number, root: Buffer | null, kind: 'own' | 'head' | 'closed' | 'old', tx: number | null, at?: string | null }} Point */
/** @typedef {{ size: number, root: Buffer, tx: number | null }} Old What is kept of an old checkpoint. */
/** @typedef {{ log: Log, index: number, epoch: number, tx: number, entry: string, isRow: boolean, commitment: string }} Witness An entry as reconciliation sees it. */
/** What the spine says about a log. @typedef {{ log: Log, sizes: Ascending, roots: crypto.Hash, last: number, closed: { size: number, root: Buffer, census: Json } | null, isDropped: boolean }} Stated */

/** Points of several sources in the order of their sizes. */
class Points {
  /** @type {{ point: Point | null, next: () => Promise<Point | null> }[]} */
  #sources

  /** @param {(AsyncIterator<Point> | Iterator<Point>)[]} iterators */
  constructor(iterators) {
    this.#sources = iterators.map((iterator) => ({
      point: null,
      next: async () => {
        const { value, done } = await iterator.next()
        return done ? null : value
      },
    }))
  }

  async open() {
    for (const source of this.#sources) source.point = await source.next()
    return this
  }

  /** Size of the next point, infinite when there is none. */
  get nextSize() {
    let size = Number.POSITIVE_INFINITY
    for (const { point } of this.#sources) if (point !== null && point.size < size) size = point.size
    return size
  }

  /** Takes the points of at most this size. @param {number} size @returns {Promise<Point[]>} */
  async take(size) {
    const taken = []
    for (const source of this.#sources) {
      while (source.point !== null && source.point.size <= size) {
        taken.push(source.point)
        source.point = await source.next()
      }
    }
    return taken
  }
}

/** Everything that a verification knows while it runs. */
class Run {
  /** @type {Map<string, { findings: Finding[], counts: Map<string, number> }>} */
  #found = new Map()
  /** @type {Remark[]} */
  remarks = []
  /** @type {{ at: string, number: number }[]} */
  epochs = []
  /** @type {Map<string, Stated>} */
  stated = new Map()
  /** @type {Census} */
  census = new Map()
  isCensusWhole = true
  /** Transactions from here on may be integrated in part. */
  horizon = Number.POSITIVE_INFINITY
  /** @type {Map<string, Key>} */
  #keys = new Map()
  /** Transactions below are integrated, says the newest checkpoint. */
  signedTx = 0
  /** Leaves of the spine that a checkpoint covers. */
  signedSpine = 0
  /** No later month is closed. */
  closedMonth = ''
  /** @type {Dropped[]} */
  dropped = []
  /** When an organisation last had a subject's images erased. @type {Map<string, string>} */
  erased = new Map()
  pending = new Pending(this)
  /** @type {Map<string, Old[]>} */
  old = new Map()
  /** @type {Key[]} */
  witnesses = []
  /** @type {Counts} */
  counts = {
    entries: 0,
    leaves: 0,
    logs: 0,
    checkpoints: 0,
    oldCheckpoints: 0,
    heads: 0,
    rows: 0,
    records: 0,
    dropped: 0,
    closed: 0,
    unsigned: 0,
    cosigned: {},
  }
  #reported = 0

  /** @param {Source} source @param {Options} options */
  constructor(source, options) {
    this.source = source
    this.options = options
    this.key = parseKey(options.key, 1)
    const [, installation] = /^chiron\/(.+)\/spine$/.exec(this.key.name) ?? []
    if (installation === undefined) throw new VerifierError(`the key is not that of a spine (chiron/<installation>/spine): ${this.key.name}`)
    /** @type {Log} */
    this.spine = { origin: this.key.name, clinic: NIL, month: 'spine' }
    this.prefix = `chiron/${installation}/`
    this.witnesses = (options.witnesses ?? []).map((text) => parseKey(text, 4))
  }

  /** The installation's key under a log's name. @param {string} origin */
  keyOf(origin) {
    let key = this.#keys.get(origin)
    if (key === undefined) {
      key = makeKey(origin, 1, this.key.publicKey)
      if (this.#keys.size > 1000) this.#keys.clear()
      this.#keys.set(origin, key)
    }
    return key
  }

  /** @param {Omit<Finding, 'message'>} finding */
  find(finding) {
    const log = finding.log ?? ''
    /** @type {{ findings: Finding[], counts: Map<string, number> }} */
    const found = this.#found.get(log) ?? { findings: [], counts: new Map() }
    this.#found.set(log, found)
    const count = (found.counts.get(finding.code) ?? 0) + 1
    found.counts.set(finding.code, count)
    if (count <= NAMED) found.findings.push({ ...finding, message: '' })
  }

  /** All findings, first things first. @returns {Finding[]} */
  findings() {
    return [...this.#found.values()].flatMap(({ findings, counts }) =>
      findings.map((finding) => {
        const count = counts.get(finding.code) ?? 1
        const isLastNamed = count > NAMED && findings.filter(({ code }) => code === finding.code).at(-1) === finding
        return isLastNamed ? { ...finding, count: count - NAMED + 1 } : finding
      }),
    )
  }

  /** @param {Log} log */
  progress(log) {
    if (this.counts.entries + this.counts.leaves - this.#reported < 2048) return
    this.#reported = this.counts.entries + this.counts.leaves
    this.options.onProgress?.({ log: log.origin, entries: this.counts.entries })
  }

  /** Number of the epoch in which an entry was written. @param {string} at */
  epochOf(at) {
    let epoch = 0
    for (const one of this.epochs) if (one.at <= at) epoch = one.number
    return epoch
  }

  /** Remembers that images were erased, when an entry says so. @param {Json} body */
  noteErasure({ source, type, op, organisation, id, at }) {
    if (source !== 'row' || type !== 'AuditImage' || op !== 'update') return
    const key = `${organisation} ${id}`
    if ((this.erased.get(key) ?? '') < String(at)) this.erased.set(key, String(at))
  }

  /** Whether the options leave this log out. @param {Log} log */
  isLeftOut(log) {
    return this.options.include !== undefined && !this.options.include(log)
  }

  /** @param {string} clinic @param {string} month @returns {Log} */
  logOf(clinic, month) {
    return { origin: `${this.prefix}${clinic}/${month}`, clinic, month }
  }

  /**
   * A log's own checkpoints as points; those that are malformed or not signed are findings, not points.
   * @param {Log} log @param {boolean} isQuiet @returns {AsyncGenerator<Point>}
   */
  async *ownPoints(log, isQuiet) {
    let before = -1
    for await (const { size, note } of this.source.checkpoints(log)) {
      const checkpoint = parseCheckpoint(note)
      if (checkpoint === null || checkpoint.origin !== log.origin || (size !== undefined && checkpoint.size !== size)) {
        if (!isQuiet) this.find({ code: 'bad-checkpoint', log: log.origin, size, detail: checkpoint === null ? 'malformed' : 'it belongs elsewhere' })
        continue
      }
      if (isSignedBy(checkpoint, this.keyOf(log.origin)) !== true) {
        if (!isQuiet) this.find({ code: 'bad-signature', log: log.origin, size: checkpoint.size })
        continue
      }
      if (!isQuiet) this.#noteCheckpoint(log, checkpoint)
      if (checkpoint.size <= before) {
        if (!isQuiet) this.find({ code: 'bad-checkpoint', log: log.origin, size: checkpoint.size, detail: 'out of order' })
        continue
      }
      before = checkpoint.size
      yield { size: checkpoint.size, root: checkpoint.root, kind: 'own', tx: checkpoint.tx, at: checkpoint.at }
    }
  }

  /** @param {Log} log @param {Checkpoint} checkpoint */
  #noteCheckpoint(log, checkpoint) {
    this.counts.checkpoints += 1
    if (log !== this.spine) return
    if (checkpoint.tx !== null) this.horizon = this.signedTx = checkpoint.tx
    for (const witness of this.witnesses) {
      const isSigned = isSignedBy(checkpoint, witness)
      if (isSigned === false) this.find({ code: 'bad-signature', log: log.origin, size: checkpoint.size, detail: witness.name })
      if (isSigned !== true) continue
      this.counts.cosigned[witness.name] = { count: (this.counts.cosigned[witness.name]?.count ?? 0) + 1, size: checkpoint.size }
    }
  }

  /** @param {Log} log @returns {Generator<Point>} */
  *oldPoints(log) {
    for (const { size, root, tx } of this.old.get(log.origin) ?? []) yield { size, root, kind: 'old', tx }
  }

  /** @param {Stated | undefined} stated @returns {Generator<Point>} */
  *closedPoint(stated) {
    if (stated?.closed) yield { size: stated.closed.size, root: stated.closed.root, kind: 'closed', tx: null }
  }

  /** The heads of a log, read from the spine again. @param {Log} log @returns {AsyncGenerator<Point>} */
  async *headPoints(log) {
    let last = 0
    for await (const page of this.source.leaves(this.spine, 0)) {
      for (const { data, index } of page) {
        if (index >= this.signedSpine) return
        const body = data === null ? null : parseBody(data.subarray(1))
        if (body?.kind !== 'head' || body.clinic !== log.clinic || body.month !== log.month || typeof body.size !== 'number' || body.size <= last) continue
        last = body.size
        yield { size: body.size, root: Buffer.from(String(body.root), 'hex'), kind: 'head', tx: null }
      }
    }
  }
}

/** @param {Stated | undefined} stated @returns {Generator<Point>} */
function* statedSizes(stated) {
  for (const size of stated?.sizes ?? []) yield { size, root: null, kind: 'head', tx: null }
}

/** Whether a tile above level 0 has this hash in its place and, once it is full, makes up the hash above. @param {Buffer | null} tile @param {number} place @param {Buffer} hash @param {Buffer | null} above */
function fitsTile(tile, place, hash, above) {
  if (tile === null || !tile.subarray(place * HASH, (place + 1) * HASH).equals(hash)) return false
  return place !== WIDTH - 1 || (above !== null && rootOf(tile).equals(above))
}

/** The quick pass over a log: finds that something is wrong with its tree, and hands its entries on. */
class Scan {
  tree = new Frontier()
  /** Something about the tree is wrong, and a closer look has to tell what. */
  isSuspect = false
  /** Size of the log's last valid checkpoint. */
  own = 0
  /** Called with each of them. @type {((point: Point) => void) | undefined} */
  onSigned
  #heads = crypto.createHash('sha256')
  #leaves
  #before = { epoch: 0, tx: 0, entry: '' }
  /** @type {Census} */
  census = new Map()

  /** @param {Run} run @param {Log} log @param {(body: Json | null, index: number, leaf: Leaf) => void} [onSpineLeaf] */
  constructor(run, log, onSpineLeaf) {
    this.run = run
    this.log = log
    this.onSpineLeaf = onSpineLeaf
    this.stated = run.stated.get(log.origin)
    this.points = new Points([run.ownPoints(log, false), statedSizes(this.stated), run.closedPoint(this.stated), run.oldPoints(log)])
    this.#leaves = run.source.leaves(log, this.stated?.last ?? 0)[Symbol.asyncIterator]()
  }

  async open() {
    await this.points.open()
    await this.#checkPoints()
    return this
  }

  /** Reads one page. Null at the end of the log. @returns {Promise<Witness[] | null>} */
  async nextPage() {
    const { value: page, done } = await this.#leaves.next()
    if (done) {
      await this.#finish()
      return null
    }
    /** @type {Witness[]} */
    const witnesses = []
    const hashes = Buffer.alloc(page.length * HASH)
    const first = this.tree.size
    let nextSize = this.points.nextSize
    for (let at = 0; at < page.length; at += 1) {
      const leaf = /** @type {Leaf} */ (page[at])
      const hash = leaf.data === null ? ZERO : sha256(leaf.data)
      if (leaf.data === null || (leaf.leafHash && !leaf.leafHash.equals(hash))) this.isSuspect = true
      hash.copy(hashes, at * HASH)
      this.tree.append(hash)
      if (leaf.data !== null) this.#read(leaf, leaf.data, witnesses)
      else this.onSpineLeaf?.(null, leaf.index, leaf)
      if (this.tree.size >= nextSize) {
        await this.#checkPoints()
        nextSize = this.points.nextSize
      }
    }
    await this.#checkTiles(first, hashes)
    this.run.progress(this.log)
    return witnesses
  }

  /** @param {Leaf} leaf @param {Buffer} data @param {Witness[]} witnesses */
  #read(leaf, data, witnesses) {
    const body = parseBody(data.subarray(1))
    if (this.onSpineLeaf) {
      this.run.counts.leaves += 1
      this.onSpineLeaf(body, leaf.index, leaf)
      return
    }
    this.run.counts.entries += 1
    const problem = body === null ? 'no canonical JSON' : findBodyProblem(body, this.log)
    const entry = typeof body?.entry === 'string' ? body.entry : (leaf.entry ?? undefined)
    const find = (/** @type {string} */ code, /** @type {string} */ detail) => this.run.find({ code, log: this.log.origin, index: leaf.index, entry, detail })
    if (body === null || problem !== null) {
      find('bad-body', problem ?? '')
      return
    }
    if (leaf.columns) {
      const wrong = findColumnProblem(body, leaf, leaf.columns, this.log)
      if (wrong !== null) find('index-mismatch', wrong)
    }
    const isRow = body.source === 'row'
    if (isRow) {
      this.run.counts.rows += 1
      this.run.noteErasure(body)
      if (body.op !== 'update') sumOf(this.census, String(body.type)).add(hashRecord(String(body.type), String(body.id)), body.op === 'insert' ? 1 : -1)
    }
    if (body.v === 1) return
    const tx = Number(body.tx)
    const epoch = this.run.epochOf(String(body.at))
    if (epoch < this.#before.epoch || (epoch === this.#before.epoch && tx < this.#before.tx))
      find('bad-body', 'its transaction is older than the one before it')
    this.#before = { epoch, tx, entry: String(body.entry) }
    witnesses.push({ log: this.log, index: leaf.index, epoch, tx, entry: String(body.entry), isRow, commitment: isRow ? String(body.commitment) : '' })
  }

  async #checkPoints() {
    const points = await this.points.take(this.tree.size)
    if (points.length === 0) return
    const root = this.tree.root()
    for (const point of points) {
      if (point.kind === 'head') {
        this.run.counts.heads += 1
        this.#heads.update(root)
      } else if (point.root === null || !point.root.equals(root)) this.isSuspect = true
      if (point.kind !== 'own') continue
      this.own = point.size
      this.onSigned?.(point)
    }
  }

  /** Compares with the tile of level 0, and with those of higher levels as they become full. @param {number} first @param {Buffer} hashes */
  async #checkTiles(first, hashes) {
    const { source } = this.run
    if (hashes.length === WIDTH * HASH || source.hasPartialTiles) {
      const tile = await source.tile(this.log, 0, first / WIDTH)
      if (tile === null || !tile.equals(hashes)) this.isSuspect = true
    }
    let index = first / WIDTH
    for (let level = 1; hashes.length === WIDTH * HASH; level += 1) {
      const root = this.tree.subtree(level * 8)
      if (root === null) return
      const parent = Math.floor(index / WIDTH)
      const place = index % WIDTH
      if (source.hasPartialTiles || place === WIDTH - 1) {
        const tile = await source.tile(this.log, level, parent)
        if (!fitsTile(tile, place, root, this.tree.subtree((level + 1) * 8))) this.isSuspect = true
      }
      if (place !== WIDTH - 1) return
      index = parent
    }
  }

  async #finish() {
    if (this.points.nextSize !== Number.POSITIVE_INFINITY) this.isSuspect = true
    const signed = Math.max(this.own, this.stated?.last ?? 0)
    const unsigned = Math.max(0, this.tree.size - signed)
    if (!this.onSpineLeaf) this.run.counts.unsigned += unsigned
    // A running database is always a moment ahead of its checkpoints; an export never is.
    if (unsigned > 0 && signed > 0 && this.run.source.hasPartialTiles && !this.onSpineLeaf) {
      this.run.find({
        code: 'bad-checkpoint',
        log: this.log.origin,
        index: signed,
        size: signed,
        count: unsigned,
        detail: 'it does not cover the entries behind it',
      })
    }
    if (this.stated && !this.stated.roots.copy().digest().equals(this.#heads.digest())) this.isSuspect = true
    const tree = await this.run.source.tree(this.log)
    if (tree !== null && (tree.size !== this.tree.size || !tree.frontier.equals(this.tree.roots()))) this.isSuspect = true
  }
}

/** @param {Json} body @param {Leaf} leaf @param {Columns} columns @param {Log} log @returns {string | null} */
function findColumnProblem(body, leaf, columns, log) {
  if (columns.at !== body.at) return 'at'
  if (columns.organisation !== undefined && columns.organisation !== body.organisation) return 'organisation'
  if (columns.clinic !== body.clinic) return 'clinic'
  if (columns.month !== log.month) return 'shard'
  if (columns.source !== body.source) return 'source'
  if (body.v === 2 && columns.tx !== body.tx) return 'xid'
  if (columns.entry !== leaf.entry || (body.v === 2 && body.entry !== columns.entry)) return 'id'
  return null
}

// ── The closer look ─────────────────────────────────────────────────────────────────────────────────────────────────

/** How far a version of the tree agrees with what was stated. */
class Agreement {
  good = 0
  /** @type {Point | null} */
  bad = null
  /** @type {Map<Point['kind'], { good: number, bad: Point | null }>} */
  kinds = new Map()

  /** @param {Point} point @param {Buffer} root */
  note(point, root) {
    const kind = this.kinds.get(point.kind) ?? { good: 0, bad: null }
    this.kinds.set(point.kind, kind)
    if (point.root?.equals(root)) {
      kind.good = point.size
      this.good = Math.max(this.good, point.size)
    } else {
      kind.bad ??= point
      this.bad ??= point
    }
  }

  /** @param {Point['kind'][]} kinds */
  hasBad(...kinds) {
    return kinds.some((kind) => this.kinds.get(kind)?.bad)
  }
}

/** @typedef {{ index: number, actual: string, expected: string, entry: string | null, isLeafEdited: boolean }} Mismatch */

const MISMATCHES = 4096

/** Goes through a suspect log again and says what happened to it. */
class Diagnosis {
  actual = new Frontier()
  expected = new Frontier()
  ofActual = new Agreement()
  ofExpected = new Agreement()
  /** @type {Mismatch[]} */
  mismatches = []
  mismatched = 0
  /** @type {{ index: number, entry: string | null }[]} */
  missing = []
  missed = 0
  /** @type {{ level: number, index: number } | null} */
  badTile = null
  /** @type {{ index: number, entry: string | null } | null} */
  badLeaf = null
  /** Where a tile itself was changed: the leaves below it. @type {{ first: number, last: number }[]} */
  ranges = []
  /** Places where an entry is older than the one before it. @type {number[]} */
  descents = []
  /** @type {Map<number, string>} */
  #around = new Map()
  #before = ''

  /** @param {Run} run @param {Log} log */
  constructor(run, log) {
    this.run = run
    this.log = log
  }

  async look() {
    const { run, log } = this
    const stated = run.stated.get(log.origin)
    const heads = log === run.spine ? statedSizes(undefined) : run.headPoints(log)
    const points = await new Points([run.ownPoints(log, true), heads, run.closedPoint(stated), run.oldPoints(log)]).open()
    await this.#take(points)
    for await (const page of run.source.leaves(log, stated?.last ?? 0)) {
      const hashes = page.map(({ data }) => (data === null ? null : sha256(data)))
      const expected = await this.#expect(page, hashes)
      for (let at = 0; at < page.length; at += 1) {
        const leaf = /** @type {Leaf} */ (page[at])
        this.#compare(leaf, hashes[at] ?? null, /** @type {Buffer} */ (expected[at]))
        await this.#take(points)
      }
      await this.#checkUpperTiles()
    }
    /** What was stated about more than there is. */
    this.beyond = points.nextSize === Number.POSITIVE_INFINITY ? [] : await points.take(Number.MAX_SAFE_INTEGER)
    this.#report(await run.source.tree(log), stated)
  }

  /** @param {Points} points */
  async #take(points) {
    if (points.nextSize > this.actual.size) return
    for (const point of await points.take(this.actual.size)) {
      this.ofActual.note(point, this.actual.root())
      this.ofExpected.note(point, this.expected.root())
    }
  }

  /** What the leaves' hashes should be, from what is stored beside the entries. @param {Leaf[]} page @param {(Buffer | null)[]} hashes @returns {Promise<Buffer[]>} */
  async #expect(page, hashes) {
    const { source } = this.run
    const index = Math.floor((page[0]?.index ?? 0) / WIDTH)
    const isFull = page.length === WIDTH
    const stored = isFull || source.hasPartialTiles ? await source.tile(this.log, 0, index) : null
    if (stored === null && (isFull || source.hasPartialTiles)) this.badTile ??= { level: 0, index }
    const leaves = page.map(({ leafHash }) => leafHash ?? null)
    const fromTile = page.map((_, at) => (stored && stored.length >= (at + 1) * HASH ? stored.subarray(at * HASH, (at + 1) * HASH) : null))
    const pick = (/** @type {(Buffer | null)[][]} */ ...candidates) => page.map((_, at) => candidates.map((one) => one[at]).find((hash) => hash) ?? ZERO)
    const parent = isFull ? await source.tile(this.log, 1, Math.floor(index / WIDTH)) : null
    const root = parent?.subarray((index % WIDTH) * HASH, ((index % WIDTH) + 1) * HASH)
    if (root?.length === HASH) {
      for (const candidate of [fromTile, leaves, hashes]) {
        if (candidate.every((hash) => hash !== null) && rootOf(Buffer.concat(pick(candidate))).equals(root)) {
          if (candidate !== fromTile && stored !== null) this.badTile ??= { level: 0, index }
          return pick(candidate)
        }
      }
      this.ranges.push({ first: index * WIDTH, last: index * WIDTH + WIDTH - 1 })
    }
    return pick(fromTile, leaves, hashes)
  }

  /** @param {Leaf} leaf @param {Buffer | null} hash @param {Buffer} expected */
  #compare(leaf, hash, expected) {
    const body = leaf.data === null ? null : parseBody(leaf.data.subarray(1))
    const entry = leaf.entry ?? (typeof body?.entry === 'string' ? body.entry : null)
    if (hash === null) {
      this.missed += 1
      if (this.missing.length < MISMATCHES) this.missing.push({ index: leaf.index, entry })
    } else if (!hash.equals(expected)) {
      this.mismatched += 1
      const isLeafEdited = leaf.leafHash?.equals(hash) ?? false
      if (this.mismatches.length < MISMATCHES) {
        this.mismatches.push({ index: leaf.index, actual: hash.toString('base64'), expected: expected.toString('base64'), entry, isLeafEdited })
      }
    } else if (leaf.leafHash && !leaf.leafHash.equals(hash)) this.badLeaf ??= { index: leaf.index, entry }
    this.actual.append(hash ?? expected)
    this.expected.append(expected)
    if (body?.v !== 2) return
    const key = `${String(this.run.epochOf(String(body.at))).padStart(6, '0')} ${String(body.tx).padStart(20, '0')} ${body.entry}`
    if (key < this.#before && this.descents.length < 64) this.descents.push(leaf.index)
    this.#before = key
    if (entry !== null) this.#remember(leaf.index, entry)
  }

  /** Keeps the ids of the entries around each descent. @param {number} index @param {string} entry */
  #remember(index, entry) {
    this.#around.set(index, entry)
    const last = this.descents.at(-1)
    if (last === undefined || index - 1 > last) {
      const old = index - 2
      if (!this.descents.includes(old) && !this.descents.includes(old + 1)) this.#around.delete(old)
    }
  }

  /** Full tiles above level 1 say nothing new about leaves, but may be wrong themselves. */
  async #checkUpperTiles() {
    for (let level = 1; level < 8; level += 1) {
      const root = this.actual.subtree(level * 8)
      if (root === null) return
      const index = this.actual.size / WIDTH ** level - 1
      const parent = Math.floor(index / WIDTH)
      const place = index % WIDTH
      if (!this.run.source.hasPartialTiles && place !== WIDTH - 1) continue
      const tile = await this.run.source.tile(this.log, level, parent)
      if (!fitsTile(tile, place, root, this.actual.subtree((level + 1) * 8))) this.badUpperTile ??= { level, index: parent }
    }
  }

  /** @type {{ level: number, index: number } | null} */
  badUpperTile = null
  /** @type {Point[]} */
  beyond = []

  /** @param {Omit<Finding, 'message' | 'log'>} finding */
  #find(finding) {
    this.run.find({ ...finding, log: this.log.origin })
  }

  /** @param {{ size: number, frontier: Buffer } | null} tree @param {Stated | undefined} stated */
  #report(tree, stated) {
    const { size } = this.actual
    const first = Math.min(this.mismatches[0]?.index ?? Number.POSITIVE_INFINITY, this.missing[0]?.index ?? Number.POSITIVE_INFINITY)
    const isBodyTrue = first !== Number.POSITIVE_INFINITY && this.missed === 0 && this.ofActual.good > first
    let isTailExplained = false
    if (first !== Number.POSITIVE_INFINITY && !isBodyTrue) isTailExplained = this.#reportEntries()
    else if (this.ofActual.bad) isTailExplained = this.#reportPoints(this.ofActual)
    else if (isBodyTrue) this.#find({ code: 'tile-mismatch', index: first, detail: 'level 0' })
    else this.#reportStored(tree)
    if (!isTailExplained) this.#reportTail(tree, stated)
    if (stated?.closed && size > stated.closed.size && !this.ofActual.bad)
      this.#find({ code: 'spine-mismatch', index: stated.closed.size, detail: 'the log grew after its month was closed' })
  }

  /** Entries differ from the hashes stored beside them. True when that explains a missing tail as well. */
  #reportEntries() {
    const [swap, shift] = [this.#findSwap(), this.#findShift()]
    const [missing] = this.missing
    const [mismatch] = this.mismatches
    let isTailExplained = false
    // What moved up leaves a hole at its end.
    const isHole = missing && !(shift && shift.index < missing.index)
    if (isHole) this.#find({ code: 'entry-missing', index: missing.index, entry: missing.entry ?? undefined, count: this.missed })
    if (swap) this.#find({ code: 'entries-swapped', index: swap.index, other: swap.other, entries: swap.entries, count: this.mismatched })
    else if (shift && !isHole) {
      this.#find({ code: shift.code, index: shift.index, entry: shift.entry ?? undefined, count: 1 })
      isTailExplained = true
    } else if (mismatch) {
      const code = mismatch.isLeafEdited ? 'hash-edited' : 'body-edited'
      this.#find({ code, index: mismatch.index, entry: mismatch.entry ?? undefined, count: this.mismatched })
    }
    // What the stored hashes do not explain either is a second cause, unless nothing was left to compare with.
    const isUnknown = this.missing.length > 0 && this.run.source.hasPartialTiles === false
    if (this.ofExpected.bad && !shift && !isUnknown) this.#reportPoints(this.ofExpected)
    return isTailExplained
  }

  #findSwap() {
    const [first] = this.mismatches
    if (!first) return null
    const other = this.mismatches.find(({ expected }) => expected === first.actual)
    const isPermutation = other && new Set(this.mismatches.map(({ actual }) => actual)).size === new Set(this.mismatches.map(({ expected }) => expected)).size
    const expected = new Set(this.mismatches.map((one) => one.expected))
    if (!isPermutation || this.mismatched > MISMATCHES || !this.mismatches.every(({ actual }) => expected.has(actual))) return null
    return { index: first.index, other: other.index, entries: [first.entry, other.entry] }
  }

  /** From the first difference on, every entry stands where its neighbour should. */
  #findShift() {
    const list = this.mismatches
    const [first, second] = list
    if (!first) return null
    const isShifted = (/** @type {(one: Mismatch, next: Mismatch) => boolean} */ fits) =>
      list.length > 1 &&
      list.every((one, at) => at + 1 >= list.length || (list[at + 1]?.index === one.index + 1 && fits(one, /** @type {Mismatch} */ (list[at + 1]))))
    if (second && isShifted((one, next) => one.actual === next.expected)) return { code: 'entry-missing', index: first.index, entry: null }
    if (second && isShifted((one, next) => one.expected === next.actual)) return { code: 'entry-inserted', index: first.index, entry: first.entry }
    return null
  }

  /** What was stated about the log differs from it, and only sizes tell where. @param {Agreement} agreement */
  #reportPoints(agreement) {
    const bad = /** @type {Point} */ (agreement.bad)
    const good = Math.min(agreement.good, bad.size)
    const lower = [...agreement.kinds.values()].map((kind) => kind.good).filter((size) => size < bad.size)
    const range = { index: Math.max(0, ...lower), last: Math.max(bad.size - 1, 0) }
    if (good < bad.size) range.index = Math.max(range.index, good)
    if (!agreement.hasBad('own', 'head', 'closed')) {
      this.#find({ code: 'fork', ...range, size: bad.size })
      return true
    }
    const ownGood = agreement.kinds.get('own')?.good ?? 0
    if (!agreement.hasBad('own') && ownGood >= bad.size) {
      this.#find({ code: 'spine-mismatch', size: bad.size, detail: 'the spine states another root' })
      return false
    }
    const othersGood = Math.max(0, ...[...agreement.kinds].filter(([kind]) => kind !== 'own').map(([, kind]) => kind.good))
    if (!agreement.hasBad('head', 'closed', 'old') && othersGood >= bad.size) {
      this.#find({ code: 'bad-checkpoint', size: bad.size, detail: 'it states another root' })
      return false
    }
    for (const { first, last } of this.ranges) {
      if (last < range.index || first > range.last) continue
      range.index = Math.max(range.index, first)
      range.last = Math.min(range.last, last)
      break
    }
    // Two swapped entries make the order fall once behind the first and once before the second, which may lie beyond the range.
    const descents = this.descents.filter((index) => index > range.index)
    const [first] = descents
    const last = descents.at(-1)
    if (first !== undefined && last !== undefined && first - 1 <= range.last && descents.length <= 2) {
      const [index, other] = [first - 1, last]
      this.#find({ code: 'entries-swapped', index, other, entries: [this.#around.get(index) ?? null, this.#around.get(other) ?? null] })
      return false
    }
    const isShorter = this.beyond.length > 0
    this.#find({ code: isShorter ? 'entry-missing' : 'hash-edited', ...range })
    return isShorter
  }

  /** The entries are right; what is stored about them is not. @param {{ size: number, frontier: Buffer } | null} tree */
  #reportStored(tree) {
    const tile = this.badTile ?? this.badUpperTile
    if (this.badLeaf) this.#find({ code: 'index-mismatch', index: this.badLeaf.index, entry: this.badLeaf.entry ?? undefined, detail: 'leaf_hash' })
    else if (tile) this.#find({ code: 'tile-mismatch', index: tile.index * WIDTH ** (tile.level + 1), detail: `level ${tile.level}` })
    else if (this.beyond.length === 0 && tree !== null && tree.size === this.actual.size && !tree.frontier.equals(this.actual.roots())) {
      this.#find({ code: 'index-mismatch', detail: 'frontier' })
    }
  }

  /** @param {{ size: number, frontier: Buffer } | null} tree @param {Stated | undefined} stated */
  #reportTail(tree, stated) {
    const index = this.actual.size
    const size = Math.max(tree?.size ?? 0, ...this.beyond.map((point) => point.size))
    if (size <= index) {
      if (tree !== null && tree.size < index) this.#find({ code: 'index-mismatch', index: tree.size, detail: 'size' })
      return
    }
    const { counter } = this.run.source
    const isOlder = counter !== null && this.beyond.every(({ kind, tx }) => kind === 'old' && tx !== null && tx > counter) && this.beyond.length > 0
    if (stated?.isDropped) return
    // Between the last statement that still fits and the end, nothing tells a cut from a hole.
    const detail = this.ofActual.good < index ? `nothing confirms the entries from ${this.ofActual.good} on either` : undefined
    this.#find({ code: isOlder ? 'older-copy' : 'tail-cut', index, last: size - 1, size, count: size - index, detail })
  }
}

// ── The spine, the months, the records ──────────────────────────────────────────────────────────────────────────────

/** @param {unknown} size */
const isSize = (size) => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0

/** The first day after a month. @param {string} month */
const endOf = (month) => new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5, 7)), 1)).toISOString().slice(0, 10)

/** Reads what a leaf of the spine states, which was signed at `signedAt`. @param {Run} run @param {Json | null} body @param {number} index @param {string | null} signedAt */
function readSpineLeaf(run, body, index, signedAt) {
  const bad = (/** @type {string} */ code, /** @type {string} */ detail) => run.find({ code, log: run.spine.origin, index, detail })
  if (body === null) return bad('bad-body', 'no canonical JSON')
  if (body.v !== 1) return bad('bad-body', 'unknown version')
  if (body.kind === 'epoch') {
    if (typeof body.at !== 'string' || typeof body.number !== 'number') return bad('bad-body', 'malformed epoch')
    run.epochs.push({ at: body.at, number: body.number })
    return undefined
  }
  const { clinic, month, root, size } = body
  if (body.kind !== 'head' && body.kind !== 'closed' && body.kind !== 'dropped') return bad('bad-body', 'unknown kind')
  if (typeof clinic !== 'string' || !UUID.test(clinic) || typeof month !== 'string' || !/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
    return bad('bad-body', 'malformed log')
  if (!isSize(size) || typeof root !== 'string' || !HEX.test(root)) return bad('bad-body', 'malformed head')
  if (body.kind !== 'head' && (typeof body.at !== 'string' || !INSTANT.test(body.at))) return bad('bad-body', 'malformed instant')
  if (body.kind === 'closed' && (String(body.at) < endOf(month) || (signedAt !== null && signedAt < endOf(month))))
    bad('spine-mismatch', 'the month was closed before it had ended')
  return readStatement(run, { ...body, clinic, month, root: Buffer.from(root, 'hex'), size: Number(size) }, bad)
}

/** @param {Run} run @param {Json & { clinic: string, month: string, root: Buffer, size: number }} body @param {(code: string, detail: string) => void} bad */
function readStatement(run, { kind, clinic, month, root, size, census, at, policy }, bad) {
  const { origin } = run.logOf(clinic, month)
  const stated = run.stated.get(origin) ?? {
    log: { origin, clinic, month },
    sizes: new Ascending(),
    roots: crypto.createHash('sha256'),
    last: 0,
    closed: null,
    isDropped: false,
  }
  run.stated.set(origin, stated)
  if (kind === 'head') {
    if (stated.closed) return bad('spine-mismatch', 'a head after the month was closed')
    if (size <= stated.last) return bad('spine-mismatch', 'a head that did not grow')
    stated.sizes.push(size)
    stated.roots.update(root)
    stated.last = size
  } else if (kind === 'closed') {
    if (stated.closed || size < stated.last) return bad('spine-mismatch', 'closed twice, or smaller than its head')
    stated.closed = { size, root, census: /** @type {Json} */ (census ?? {}) }
    stated.last = size
    run.counts.closed += 1
    if (month > run.closedMonth) run.closedMonth = month
  } else {
    if (!stated.closed || stated.isDropped || stated.closed.size !== size || !stated.closed.root.equals(root))
      return bad('spine-mismatch', 'dropped, but not as it was closed')
    stated.isDropped = true
    run.counts.dropped += 1
    run.dropped.push({ log: origin, size, policy: String(policy ?? ''), at: String(at) })
  }
  return undefined
}

/** @param {Run} run @param {Scan} scan */
async function diagnose(run, scan) {
  const before = run.findings().length
  await new Diagnosis(run, scan.log).look()
  if (run.findings().length === before) run.find({ code: 'tile-mismatch', log: scan.log.origin, detail: 'what is stored about the log contradicts itself' })
}

const NO_CHECKPOINT = 'there is no valid one'
/** Logs that can grow, be closed or dropped at once. */
const MAX_WAITING = 1_000_000

/** @param {Run} run */
async function verifySpine(run) {
  /** Leaves that no checkpoint covers so far: what nobody has signed says nothing. @type {{ body: Json | null, index: number }[]} */
  let waiting = []
  let unsigned = 0
  const scan = new Scan(run, run.spine, (body, index) => {
    unsigned += 1
    if (waiting.length < MAX_WAITING) waiting.push({ body, index })
  })
  scan.onSigned = ({ size, at }) => {
    for (const { body, index } of waiting) readSpineLeaf(run, body, index, at ?? null)
    if (unsigned > waiting.length) run.find({ code: 'spine-mismatch', log: run.spine.origin, size, detail: 'too many leaves under one checkpoint' })
    waiting = []
    unsigned = 0
    run.signedSpine = size
  }
  await scan.open()
  while ((await scan.nextPage()) !== null);
  if (scan.isSuspect) await diagnose(run, scan)
  const { size } = scan.tree
  if (scan.own === 0 && size > 0) run.find({ code: 'bad-checkpoint', log: run.spine.origin, detail: NO_CHECKPOINT })
  // A leaf of the spine is committed together with the checkpoint that covers it.
  else if (unsigned > 0) run.find({ code: 'unsigned-leaf', log: run.spine.origin, index: size - unsigned, last: size - 1, count: unsigned })
}

/** @param {Witness} a @param {Witness} b */
function isBefore(a, b) {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch
  if (a.tx !== b.tx) return a.tx < b.tx
  return a.entry < b.entry
}

/** The entries of a month's logs in the order of their transactions, one page of each log in memory. @param {Scan[]} scans @returns {AsyncGenerator<Witness[]>} */
async function* mergeScans(scans) {
  /** @type {{ scan: Scan, page: Witness[], at: number }[]} */
  const heap = []
  const head = (/** @type {number} */ place) => {
    const { page, at } = /** @type {{ page: Witness[], at: number }} */ (heap[place])
    return /** @type {Witness} */ (page[at])
  }
  const swap = (/** @type {number} */ a, /** @type {number} */ b) => {
    const one = heap[a]
    heap[a] = /** @type {typeof heap[0]} */ (heap[b])
    heap[b] = /** @type {typeof heap[0]} */ (one)
  }
  const sink = (/** @type {number} */ place) => {
    for (let at = place; ; ) {
      let least = at
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < heap.length && isBefore(head(child), head(least))) least = child
      if (least === at) return
      swap(at, least)
      at = least
    }
  }
  const refill = async (/** @type {Scan} */ scan) => {
    for (let page = await scan.nextPage(); page !== null; page = await scan.nextPage()) if (page.length > 0) return page
    return null
  }
  for (const scan of scans) {
    const page = await refill(scan)
    if (page) heap.push({ scan, page, at: 0 })
  }
  for (let place = heap.length - 1; place >= 0; place -= 1) sink(place)
  /** @type {Witness[]} */
  let batch = []
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    batch.push(head(0))
    first.at += 1
    if (first.at === first.page.length) {
      yield batch
      batch = []
      const page = await refill(first.scan)
      if (page) Object.assign(first, { page, at: 0 })
      else {
        swap(0, heap.length - 1)
        heap.pop()
      }
    }
    if (heap.length > 1) sink(0)
  }
  if (batch.length > 0) yield batch
}

const FUTURE_MS = 300_000

/** Entries that only wait for a log to take them up. What no log will ever take up does not wait, whatever it says of itself. */
class Pending {
  /** @type {Map<string, { hasOperation: boolean, hasRow: boolean }>} */
  #transactions = new Map()

  /** @param {Run} run */
  constructor(run) {
    this.run = run
  }

  /** @param {string} month @param {number} epoch @param {number} tx */
  find(month, epoch, tx) {
    return this.#transactions.size === 0 ? undefined : this.#transactions.get(`${month} ${epoch} ${tx}`)
  }

  /** Reads them once, and names those that do not wait. */
  async read() {
    for await (const loose of this.run.source.pending()) {
      const body = loose.body && parseBody(loose.body)
      const problem = this.#problemOf(loose, body)
      if (body === null || problem !== null) this.#find(loose, problem ?? '')
      else this.#note(loose, body)
    }
  }

  /** @param {Loose} loose @param {Json} body */
  #note({ month, tx }, body) {
    const key = `${month} ${this.run.epochOf(String(body.at))} ${Number(tx)}`
    const transaction = this.#transactions.get(key) ?? { hasOperation: false, hasRow: false }
    this.#transactions.set(key, transaction)
    if (body.source === 'api') transaction.hasOperation = true
    else transaction.hasRow = true
    this.run.noteErasure(body)
  }

  /** @param {Loose} loose @param {Json | null} body @returns {string | null} */
  #problemOf({ clinic, month, entry, tx, organisation, at, source }, body) {
    const { run } = this
    if (body === null) return 'no canonical JSON'
    const problem = findBodyProblem(body, run.logOf(clinic, month))
    if (problem !== null) return problem
    if (!TX.test(tx) || (body.v === 2 && body.tx !== tx)) return 'xid'
    if (body.v === 2 && body.entry !== entry) return 'id'
    if ((organisation ?? body.organisation) !== body.organisation) return 'organisation'
    if ((at ?? body.at) !== body.at) return 'at'
    if ((source ?? body.source) !== body.source) return 'source'
    const { counter, now } = run.source
    if (counter !== null && BigInt(tx) >= BigInt(Math.trunc(counter))) return `its transaction ${tx} has not begun yet`
    const newest = run.epochs.at(-1)?.number ?? 0
    if (run.epochOf(String(body.at)) === newest && BigInt(tx) < BigInt(Math.trunc(run.signedTx)))
      return `the newest checkpoint has passed its transaction ${tx}`
    if (now !== null && Date.parse(`${String(body.at).slice(0, 23)}Z`) > Date.parse(now) + FUTURE_MS) return 'it lies in the future'
    return month <= run.closedMonth ? 'its month is closed' : null
  }

  /** @param {Loose} loose @param {string} detail */
  #find({ clinic, month, entry }, detail) {
    const log = this.run.logOf(clinic, month)
    if (!this.run.isLeftOut(log)) this.run.find({ code: 'unlogged-entry', log: log.origin, entry, detail })
  }

  /** Those that wait: whose transaction has an operation, here or in a log. @returns {AsyncGenerator<Json>} */
  async *waiting() {
    for await (const loose of this.run.source.pending()) {
      const body = loose.body && parseBody(loose.body)
      if (body === null || this.#problemOf(loose, body) !== null) continue
      if (this.find(loose.month, this.run.epochOf(String(body.at)), Number(loose.tx))?.hasOperation) yield body
    }
  }

  /** Names changes of rows whose transaction has no operation, once the logs are read. @param {(month: string) => boolean} isComplete */
  async settle(isComplete) {
    if ([...this.#transactions.values()].every(({ hasOperation, hasRow }) => hasOperation || !hasRow)) return
    for await (const loose of this.run.source.pending()) {
      const body = loose.body && parseBody(loose.body)
      if (body === null || this.#problemOf(loose, body) !== null || !isComplete(loose.month)) continue
      if (!this.find(loose.month, this.run.epochOf(String(body.at)), Number(loose.tx))?.hasOperation) this.#find(loose, 'no operation of its transaction')
    }
  }
}

/** Each change of a row has an operation of the same transaction. */
class Reconciliation {
  #epoch = 0
  #tx = -1
  #hasOperation = false
  /** @type {Witness | null} */
  #row = null
  #entry = ''
  unreconciled = 0

  /** @param {Run} run @param {string} month @param {boolean} isComplete */
  constructor(run, month, isComplete) {
    this.run = run
    this.month = month
    this.isComplete = isComplete
    this.newest = run.epochs.at(-1)?.number ?? 0
  }

  /** @param {Witness} witness */
  add(witness) {
    if (witness.tx !== this.#tx || witness.epoch !== this.#epoch) {
      this.finish()
      this.#tx = witness.tx
      this.#epoch = witness.epoch
    } else if (witness.entry === this.#entry) {
      this.run.find({ code: 'bad-body', log: witness.log.origin, index: witness.index, entry: witness.entry, detail: 'the entry is there twice' })
    }
    this.#entry = witness.entry
    if (!witness.isRow) this.#hasOperation = true
    else this.#row ??= witness
  }

  /** Ends a transaction. */
  finish() {
    const row = this.#row
    const waiting = this.run.pending.find(this.month, this.#epoch, this.#tx)
    if (waiting && this.#hasOperation) waiting.hasOperation = true
    const isUnderWay = !this.run.source.isPendingWhole && row?.epoch === this.newest && row.tx >= this.run.horizon
    if (row !== null && !this.#hasOperation && !waiting?.hasOperation && !isUnderWay) {
      if (this.isComplete) this.run.find({ code: 'row-without-entry', log: row.log.origin, index: row.index, entry: row.entry })
      else this.unreconciled += 1
    }
    this.#row = null
    this.#hasOperation = false
  }
}

/** @param {Run} run @param {string} month @param {Log[]} logs @param {boolean} isComplete all logs of the month are at hand */
async function verifyMonth(run, month, logs, isComplete) {
  const scans = []
  for (const log of logs) scans.push(await new Scan(run, log).open())
  const reconciliation = new Reconciliation(run, month, isComplete)
  const { openImage } = run.options
  for await (const batch of mergeScans(scans)) {
    for (const witness of batch) {
      reconciliation.add(witness)
      if (!openImage || !witness.isRow) continue
      const commitment = await openImage(witness.entry)
      if (commitment !== null && commitment !== witness.commitment)
        run.find({ code: 'image-mismatch', log: witness.log.origin, index: witness.index, entry: witness.entry })
    }
  }
  reconciliation.finish()
  for (const scan of scans) {
    run.counts.logs += 1
    if (scan.isSuspect) await diagnose(run, scan)
    else compareClosedCensus(run, scan)
    if (scan.own > (scan.stated?.last ?? 0))
      run.find({ code: 'spine-mismatch', log: scan.log.origin, size: scan.own, detail: 'the spine does not know this checkpoint' })
    for (const [type, sum] of scan.census) sumOf(run.census, type).addTotal(sum.value(), sum.count)
  }
  return reconciliation.unreconciled
}

/** @param {Run} run @param {Scan} scan */
function compareClosedCensus(run, scan) {
  const closed = scan.stated?.closed
  if (!closed) return
  const computed = Object.fromEntries([...scan.census].map(([type, sum]) => [type, { count: sum.count, sum: sum.value().toString(16).padStart(64, '0') }]))
  const known = { ...closed.census }
  for (const [type, sum] of Object.entries(computed))
    if (canonical(known[type]) === canonical(sum)) delete known[type]
    else if (sum.count !== 0 || !/^0+$/.test(sum.sum) || known[type] !== undefined) known[type] = null
  if (Object.keys(known).length > 0)
    run.find({ code: 'spine-mismatch', log: scan.log.origin, size: closed.size, detail: 'the census at the closing is not that of the entries' })
}

/** @param {Run} run @param {Stated} stated */
function addDroppedCensus(run, { closed }) {
  for (const [type, value] of Object.entries(closed?.census ?? {})) {
    const { count, sum } = /** @type {Json} */ (value)
    if (typeof count === 'number' && typeof sum === 'string' && HEX.test(sum)) sumOf(run.census, type).addTotal(BigInt(`0x${sum}`), count)
  }
}

/** @param {Run} run */
async function verifyMonths(run) {
  const isPartial = run.source.isPartial || run.options.include !== undefined
  const present = new Map((await run.source.logs()).map((log) => [log.origin, log]))
  /** @type {Map<string, { logs: Log[], isComplete: boolean }>} */
  const months = new Map()
  const monthOf = (/** @type {string} */ name) =>
    months.get(name) ?? months.set(name, { logs: [], isComplete: true }).get(name) ?? { logs: [], isComplete: true }
  let left = 0
  for (const log of present.values()) {
    if (run.isLeftOut(log)) continue
    // A dropped month may still be at hand when its partition goes a moment later.
    monthOf(log.month).logs.push(log)
  }
  for (const stated of run.stated.values()) {
    const { log } = stated
    if (present.has(log.origin) && !run.isLeftOut(log)) continue
    if (stated.isDropped) addDroppedCensus(run, stated)
    else if (isPartial) {
      left += 1
      monthOf(log.month).isComplete = false
    } else monthOf(log.month).logs.push(log)
  }
  let unreconciled = 0
  for (const [month, { logs, isComplete }] of [...months].sort(([a], [b]) => (a < b ? -1 : 1))) unreconciled += await verifyMonth(run, month, logs, isComplete)
  await run.pending.settle((month) => months.get(month)?.isComplete ?? !isPartial)
  if (left > 0) run.remarks.push({ code: 'not-covered', text: String(left) })
  if (unreconciled > 0) run.remarks.push({ code: 'not-reconciled', text: String(unreconciled) })
  return { logs: [...months.values()].flatMap((month) => month.logs), isPartial }
}

/** Inserts and deletes in the logs. @param {Run} run @param {Log[]} logs @returns {AsyncGenerator<{ type: string, id: string, sign: number }>} */
async function* readChanges(run, logs) {
  const toChange = (/** @type {Json | null} */ body) =>
    body?.source === 'row' && body.op !== 'update' ? { type: String(body.type), id: String(body.id), sign: body.op === 'insert' ? 1 : -1 } : null
  for (const log of logs) {
    for await (const page of run.source.leaves(log, 0)) {
      for (const { data } of page) {
        const change = data === null ? null : toChange(parseBody(data.subarray(1)))
        if (change) yield change
      }
    }
  }
  for await (const body of run.pending.waiting()) {
    const change = toChange(body)
    if (change) yield change
  }
}

/** Compares the trail with the rows themselves. @param {Run} run @param {Log[]} logs */
async function verifyCensus(run, logs) {
  const records = run.source.records()
  if (records === null) return void run.remarks.push({ code: 'no-census', text: '' })
  for await (const row of run.pending.waiting()) {
    if (row.source === 'row' && row.op !== 'update')
      sumOf(run.census, String(row.type)).add(hashRecord(String(row.type), String(row.id)), row.op === 'insert' ? 1 : -1)
  }
  /** @type {Census} */
  const table = new Map()
  for await (const page of records) {
    for (const [type, id] of page) sumOf(table, type).add(hashRecord(type, id), 1)
    run.counts.records += page.length
  }
  /** @type {Map<string, { count: number, sum: bigint }>} */
  const differences = new Map()
  for (const type of new Set([...table.keys(), ...run.census.keys()])) {
    const [rows, changes] = [sumOf(table, type), sumOf(run.census, type)]
    const difference = { count: rows.count - changes.count, sum: BigInt.asUintN(256, rows.value() - changes.value()) }
    if (difference.count !== 0 || difference.sum !== 0n) differences.set(type, difference)
  }
  if (differences.size > 0) await nameRecords(run, logs, differences)
}

const BUCKETS = 65_536
const BUCKETS_NAMED = 64

/** Finds out which records the sums disagree about. @param {Run} run @param {Log[]} logs @param {Map<string, { count: number, sum: bigint }>} differences */
async function nameRecords(run, logs, differences) {
  async function* all() {
    for await (const page of run.source.records() ?? []) for (const [type, id] of page) if (differences.has(type)) yield { type, id, sign: 1 }
    for await (const { type, id, sign } of readChanges(run, logs)) if (differences.has(type)) yield { type, id, sign: -sign }
  }
  const find = (/** @type {string} */ type, /** @type {number} */ count, /** @type {string | undefined} */ record) =>
    run.find({ code: count > 0 ? 'unwitnessed-row' : 'missing-row', log: null, type, record, count: Math.abs(count) })
  const named = new Set()
  if (run.counts.dropped === 0) {
    const sums = new Float64Array(BUCKETS)
    for await (const { type, id, sign } of all()) {
      const hash = hashRecord(type, id)
      const bucket = hash.readUInt16BE(0)
      sums[bucket] = /** @type {number} */ (sums[bucket]) + sign * (1 + hash.readUInt32BE(2))
    }
    const wanted = new Set([...sums.keys()].filter((bucket) => sums[bucket] !== 0).slice(0, BUCKETS_NAMED))
    /** @type {Map<string, { type: string, id: string, net: number }>} */
    const nets = new Map()
    for await (const { type, id, sign } of all()) {
      if (!wanted.has(hashRecord(type, id).readUInt16BE(0))) continue
      const key = `${type}\n${id}`
      const net = (nets.get(key)?.net ?? 0) + sign
      if (net === 0) nets.delete(key)
      else nets.set(key, { type, id, net })
    }
    for (const { type, id, net } of nets.values()) {
      find(type, net, id)
      named.add(type)
    }
  } else {
    // Entries of dropped months are known by their sums only: one record too many or too few is still its own sum.
    for await (const { type, id, sign } of all()) {
      const difference = differences.get(type)
      if (named.has(type) || difference?.count !== sign) continue
      if (BigInt.asUintN(256, BigInt(sign) * BigInt(`0x${hashRecord(type, id).toString('hex')}`)) !== difference.sum) continue
      find(type, sign, id)
      named.add(type)
    }
  }
  for (const [type, { count }] of differences) if (!named.has(type)) find(type, count === 0 ? 1 : count, undefined)
}

// ── Verification ────────────────────────────────────────────────────────────────────────────────────────────────────

/** A signature line that has lost its end. @param {Checkpoint} checkpoint @param {Key} key */
const isTorn = ({ signatures }, key) => signatures.every(({ name, bytes }) => name !== key.name || bytes.length !== 68)

/** @param {Checkpoint} checkpoint */
const statementOf = ({ origin, size, root }) => `${origin} ${size} ${root.toString('base64')}`
/** Signatures that are checked side by side. */
const AT_ONCE = 512

/** Checkpoints that somebody has kept; each statement is checked once, however often it is there. */
class OldCheckpoints {
  #seen = new Set()
  /** @type {{ checkpoint: Checkpoint, isAnchor: boolean }[]} */
  #unchecked = []
  #torn = 0
  #newest = 0

  /** @param {Run} run */
  constructor(run) {
    this.run = run
  }

  async read() {
    const { checkpoints, anchor } = this.run.options
    for (const text of checkpoints ?? []) for (const note of splitNotes(text)) await this.#take(note, false)
    for await (const note of anchor?.notes ?? []) await this.#take(note, true)
    await this.#check()
    if (anchor) {
      this.#reportAnchor(anchor.size, anchor.notes !== null)
    }
    for (const list of this.run.old.values()) list.sort((a, b) => a.size - b.size)
  }

  /** @param {string} note @param {boolean} isAnchor */
  async #take(note, isAnchor) {
    const { run } = this
    const checkpoint = parseCheckpoint(note)
    if (checkpoint === null && isAnchor) {
      this.#torn += 1
      return
    }
    run.counts.oldCheckpoints += 1
    if (checkpoint === null || !checkpoint.origin.startsWith(run.prefix)) {
      const detail = checkpoint ? 'it belongs to another installation' : 'the old checkpoint is malformed'
      run.find({ code: 'bad-checkpoint', log: checkpoint?.origin ?? null, size: checkpoint?.size, detail })
      return
    }
    if (this.#seen.has(statementOf(checkpoint))) this.#noteAnchor(checkpoint, isAnchor)
    else if (this.#unchecked.push({ checkpoint, isAnchor }) >= AT_ONCE) await this.#check()
  }

  async #check() {
    const { run } = this
    const list = this.#unchecked.splice(0)
    const signed = await Promise.all(list.map(({ checkpoint }) => isSigned(checkpoint, run.keyOf(checkpoint.origin))))
    for (const [at, { checkpoint, isAnchor }] of list.entries()) {
      const { origin, size, root, tx } = checkpoint
      const isKnown = this.#seen.has(statementOf(checkpoint))
      if (!signed[at] && !isKnown) {
        if (isAnchor && isTorn(checkpoint, run.keyOf(origin))) this.#torn += 1
        else run.find({ code: 'bad-signature', log: origin, size, detail: 'the old checkpoint' })
        continue
      }
      this.#noteAnchor(checkpoint, isAnchor)
      if (isKnown) continue
      this.#seen.add(statementOf(checkpoint))
      const known = run.old.get(origin)
      if (known) known.push({ size, root, tx })
      else run.old.set(origin, [{ size, root, tx }])
    }
  }

  /** @param {Checkpoint} checkpoint @param {boolean} isAnchor */
  #noteAnchor({ origin, size }, isAnchor) {
    if (isAnchor && origin === this.run.spine.origin && size > this.#newest) this.#newest = size
  }

  /** @param {number} size @param {boolean} isThere */
  #reportAnchor(size, isThere) {
    const { run } = this
    if (this.#torn > 0) run.remarks.push({ code: 'torn-anchor', text: String(this.#torn) })
    // The database is told only what the file holds already.
    if (this.#newest < size) {
      run.find({ code: 'anchor-missing', log: run.spine.origin, size, detail: isThere ? `it ends at size ${this.#newest}` : 'there is no such file' })
    } else if (!isThere) run.remarks.push({ code: 'no-anchor-file', text: '' })
  }
}

/** Old checkpoints of logs that are not at hand. @param {Run} run @param {Log[]} logs @param {boolean} isPartial */
function checkAbsentLogs(run, logs, isPartial) {
  const seen = new Set([run.spine.origin, ...logs.map(({ origin }) => origin)])
  for (const [origin, checkpoints] of run.old) {
    if (seen.has(origin)) continue
    const newest = /** @type {Old} */ (checkpoints.at(-1))
    const { closed, isDropped } = run.stated.get(origin) ?? { closed: null, isDropped: false }
    if (isDropped && closed) {
      const wrong = checkpoints.find(({ size, root }) => size === closed.size && !root.equals(closed.root))
      if (wrong) run.find({ code: 'fork', log: origin, index: 0, last: wrong.size - 1, size: wrong.size })
      else if (newest.size > closed.size)
        run.find({ code: 'tail-cut', log: origin, index: closed.size, last: newest.size - 1, size: newest.size, count: newest.size - closed.size })
      else if (newest.size < closed.size) run.remarks.push({ code: 'unchecked-checkpoint', text: `${origin} ${newest.size}` })
    } else if (isPartial) run.remarks.push({ code: 'unchecked-checkpoint', text: `${origin} ${newest.size}` })
    else if (newest.size > 0) {
      const isOlder = run.source.counter !== null && newest.tx !== null && newest.tx > run.source.counter
      run.find({ code: isOlder ? 'older-copy' : 'tail-cut', log: origin, index: 0, last: newest.size - 1, size: newest.size, count: newest.size })
    }
  }
}

const ERASURE_MS = 60_000

/** Each row entry has its image, until its subject is erased. @param {Run} run @param {Log[]} logs */
async function verifyImages(run, logs) {
  const { source, options } = run
  if (!source.missingImages || options.include) return
  // What was erased later may have been said in a month that is dropped.
  const dropped = run.dropped.reduce((newest, { log }) => (log.slice(-7) > newest ? log.slice(-7) : newest), '')
  const months = [...new Set(logs.map(({ month }) => month))].sort()
  for (const month of months) {
    if (month <= dropped) {
      run.remarks.push({ code: 'images-unchecked', text: month })
      continue
    }
    for await (const { clinic, entry, index, body: data } of source.missingImages(month)) {
      const body = parseBody(data)
      if (body?.v !== 2 || body.source !== 'row') continue
      const erased = typeof body.subject === 'string' ? run.erased.get(`${body.organisation} ${body.subject}`) : undefined
      // An erasure may wait a moment for locks, and then takes what was written meanwhile.
      if (erased !== undefined && Date.parse(`${erased.slice(0, 23)}Z`) + ERASURE_MS >= Date.parse(`${String(body.at).slice(0, 23)}Z`)) continue
      run.find({ code: 'image-missing', log: run.logOf(clinic, month).origin, index, entry })
    }
  }
}

/** @param {Log[]} logs @param {boolean} isPartial @returns {Coverage} */
function coverageOf(logs, isPartial) {
  const count = (/** @type {(log: Log) => string} */ of) => new Set(logs.map(of)).size
  return { isPartial, logs: logs.length, clinics: count(({ clinic }) => clinic), months: count(({ month }) => month) }
}

/**
 * Verifies a trail. Answers what was counted and everything that is wrong, causes before their consequences. Throws VerifierError when the
 * key or the source cannot be read.
 * @param {Source} source @param {Options} options @returns {Promise<Result>}
 */
export async function verify(source, options) {
  const run = new Run(source, options)
  if (`chiron/${source.installation}/` !== run.prefix) {
    run.find({ code: 'bad-signature', log: null, detail: `${run.prefix} ≠ chiron/${source.installation}/` })
    return {
      ok: false,
      counts: run.counts,
      findings: explainAll(run.findings()),
      remarks: run.remarks,
      dropped: [],
      coverage: coverageOf([], source.isPartial),
    }
  }
  await new OldCheckpoints(run).read()
  await verifySpine(run)
  if (source.horizon !== null) run.horizon = source.horizon
  await run.pending.read()
  const { logs, isPartial } = await verifyMonths(run)
  checkAbsentLogs(run, logs, isPartial)
  for await (const { clinic, month, entry, tx } of source.unlogged()) {
    const log = run.logOf(clinic, month)
    if (!run.isLeftOut(log)) run.find({ code: 'unlogged-entry', log: log.origin, entry, detail: tx })
  }
  await verifyImages(run, logs)
  if (isPartial) run.remarks.push({ code: 'no-census', text: '' })
  else await verifyCensus(run, logs)
  for (const { name } of run.witnesses) if (!run.counts.cosigned[name]) run.remarks.push({ code: 'no-cosignature', text: name })
  const findings = groupFindings(attachFiles(run.findings(), await source.fileProblems(), run), run)
  return {
    ok: findings.length === 0,
    counts: run.counts,
    findings: explainAll(findings),
    remarks: run.remarks,
    dropped: run.dropped,
    coverage: coverageOf(logs, isPartial),
  }
}

// ── From findings to causes ─────────────────────────────────────────────────────────────────────────────────────────

const OF_THE_TREE = ['older-copy', 'tail-cut', 'entry-missing', 'entry-inserted', 'entries-swapped', 'body-edited', 'hash-edited', 'fork', 'file-missing']
const LOSES_CONTENT = OF_THE_TREE.filter((code) => code !== 'entries-swapped' && code !== 'fork')

/** The log of a file in an export, or the part of the report that it belongs to. @param {string} name @param {Run} run */
function logOfFile(name, run) {
  if (name.startsWith('spine/') || name === 'checkpoints.txt') return run.spine.origin
  const [, clinic, month] = /^logs\/([^/]+)\/([^/]+)\//.exec(name) ?? []
  return clinic === undefined ? null : `${run.prefix}${clinic}/${month}`
}

/** A changed file is the same cause as what it shows; alone it is a finding of its own. @param {Finding[]} findings @param {FileProblem[]} problems @param {Run} run */
function attachFiles(findings, problems, run) {
  const result = [...findings]
  for (const { name, isMissing } of problems) {
    const log = logOfFile(name, run)
    const code = isMissing ? 'file-missing' : 'file-changed'
    const isAbout = (/** @type {Finding} */ finding) => {
      if (finding.log !== log || (finding.files && finding.code !== code)) return false
      if (name === 'census.tsv') return finding.type !== undefined
      return log !== null && finding.code !== 'row-without-entry'
    }
    const at = result.findIndex((finding) => isAbout(finding) && (isMissing || finding.code !== 'file-missing'))
    const same = result.find((finding) => finding.code === code && finding.log === log && finding.files)
    const [found] = at < 0 ? [] : [result[at]]
    if (same) same.files?.push(name)
    else if (found && !isMissing) found.files = [...(found.files ?? []), name]
    else if (found && /\/(tile|checkpoint)/.test(name)) result[at] = { ...found, code, entry: undefined, files: [name] }
    else result.push({ code, log, message: '', files: [name] })
  }
  return result
}

/** @param {Finding[]} findings @param {Run} run */
function groupFindings(findings, run) {
  const tree = findings.filter(({ code }) => OF_THE_TREE.includes(code))
  const ofSpine = tree.find(({ log }) => log === run.spine.origin)
  const monthOf = (/** @type {string | null} */ log) => log?.split('/').at(-1)
  const loss = tree.find(({ code }) => LOSES_CONTENT.includes(code))
  const leaf = findings.find(({ code }) => code === 'unsigned-leaf')
  // When nothing at all is signed, the key is not the one that signed.
  const isUnsigned = findings.some(({ detail }) => detail === NO_CHECKPOINT)
  const unsigned = isUnsigned ? findings.find(({ code, log }) => code === 'bad-signature' && log === run.spine.origin) : undefined
  /** Which finding explains this one. @param {Finding} finding @returns {Finding | undefined} */
  const causeOf = (finding) => {
    const own = tree.find(({ log }) => log === finding.log)
    if (finding.code === 'bad-body' || finding.code === 'index-mismatch' || finding.code === 'image-mismatch') {
      return own && (own.index ?? 0) <= (finding.index ?? 0) ? own : undefined
    }
    if (finding.code === 'spine-mismatch') return finding.log === run.spine.origin ? own : (own ?? ofSpine ?? leaf)
    if (finding.code === 'unsigned-leaf') return own
    if (finding.code === 'image-missing') return own && LOSES_CONTENT.includes(own.code) ? own : undefined
    if (finding.code === 'fork') return ofSpine?.code === 'fork' ? ofSpine : undefined
    if (finding.code === 'tail-cut' || finding.code === 'older-copy')
      return ofSpine !== finding && ofSpine && LOSES_CONTENT.includes(ofSpine.code) ? ofSpine : undefined
    if (finding.code === 'bad-checkpoint' && finding.detail === NO_CHECKPOINT) return own ?? unsigned
    if (finding.code === 'bad-signature') return unsigned
    if (finding.code === 'row-without-entry') {
      // Out of order, the entries of one transaction do not meet.
      return tree.find(({ code, log }) => code !== 'fork' && (log === run.spine.origin || monthOf(log) === monthOf(finding.log)))
    }
    if (finding.code === 'unlogged-entry') return own && LOSES_CONTENT.includes(own.code) ? own : undefined
    if (finding.code === 'unwitnessed-row' || finding.code === 'missing-row') return loss
    return undefined
  }
  const causes = []
  for (const finding of findings) {
    const cause = causeOf(finding)
    if (!cause || cause === finding) causes.push(finding)
    else if ((cause.also?.length ?? 0) < NAMED) {
      cause.also ??= []
      cause.also.push(
        [finding.code, finding.log ?? `${finding.type}/${finding.record ?? '?'}`, finding.index, finding.entry].filter((part) => part !== undefined).join(' '),
      )
    }
    if (cause && cause !== finding && finding.files) cause.files = [...(cause.files ?? []), ...finding.files]
  }
  const rank = (/** @type {Finding} */ { code }) => (OF_THE_TREE.includes(code) ? 0 : 1)
  return causes.sort((a, b) => rank(a) - rank(b))
}

// ── Words ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @typedef {'en' | 'es'} Language */

/** @type {Record<Language, Record<string, string>>} */
const EXPLANATIONS = {
  en: {
    'body-edited': 'The entry was edited after it was logged: its content no longer has the hash that was stored and signed.',
    'hash-edited': 'Entries were edited together with their stored hashes: the tree that was signed is another.',
    'entry-missing': 'An entry that was logged and signed is gone.',
    'entry-inserted': 'An entry stands where the signed log has none.',
    'entries-swapped': 'Entries stand in an order that was not signed.',
    'tail-cut': 'The end of the log is gone: more entries were signed than there are.',
    'older-copy': "The database is an older copy of itself: its transactions have not come as far as the lost checkpoint's.",
    fork: 'The log agrees with its own checkpoints, but an old checkpoint states another history.',
    'row-without-entry': 'A row was changed in a transaction in which no operation was recorded.',
    'unwitnessed-row': 'A row exists whose creation was never recorded.',
    'missing-row': 'A row that was recorded is gone, and its deletion was never recorded.',
    'unlogged-entry': 'An entry exists that should be in a log and is in none, or says that it waits for one and cannot.',
    'unsigned-leaf': 'The spine holds leaves that no checkpoint of it covers: they count for nothing.',
    'anchor-missing': 'Checkpoints that were written to the anchor file are not there any more.',
    'image-missing': 'The image of a changed row is gone, and no erasure of whom it is about was recorded.',
    'bad-signature': "A signature is not the installation's.",
    'bad-checkpoint': 'A checkpoint is not what a checkpoint of this log must be.',
    'spine-mismatch': 'The log and what the spine states about it contradict each other.',
    'bad-body': 'The entry breaks a rule of the format.',
    'tile-mismatch': 'The hashes stored beside the entries are not those of the entries; the entries themselves agree with the signatures.',
    'index-mismatch': 'What the database stores beside the entry contradicts the entry.',
    'image-mismatch': 'The stored image of the row is not the one that the entry committed to.',
    'file-changed': 'A file of the export is not the one that its manifest lists.',
    'file-missing': 'A file that the manifest of the export lists is gone.',
    'bad-proof': 'The proof does not hold.',
  },
  es: {
    'body-edited': 'El asiento se modificó después de registrarse: su contenido ya no tiene el resumen que se guardó y firmó.',
    'hash-edited': 'Se modificaron asientos junto con sus resúmenes guardados: el árbol que se firmó es otro.',
    'entry-missing': 'Falta un asiento que se registró y firmó.',
    'entry-inserted': 'Hay un asiento donde la bitácora firmada no tiene ninguno.',
    'entries-swapped': 'Hay asientos en un orden que no se firmó.',
    'tail-cut': 'Falta el final de la bitácora: se firmaron más asientos de los que hay.',
    'older-copy': 'La base de datos es una copia anterior de sí misma: sus transacciones no llegan hasta las del punto de control perdido.',
    fork: 'La bitácora coincide con sus propios puntos de control, pero un punto de control antiguo afirma otra historia.',
    'row-without-entry': 'Se modificó un registro en una transacción sin ninguna operación asentada.',
    'unwitnessed-row': 'Existe un registro cuya creación nunca se asentó.',
    'missing-row': 'Falta un registro que sí se asentó, y su eliminación nunca se asentó.',
    'unlogged-entry': 'Existe un asiento que debería estar en una bitácora y no está en ninguna, o que dice esperarla y no puede.',
    'unsigned-leaf': 'La columna tiene hojas que ningún punto de control suyo cubre: no cuentan para nada.',
    'anchor-missing': 'Faltan puntos de control que ya se habían escrito en el archivo de anclaje.',
    'image-missing': 'Falta la imagen de un registro modificado, y no se asentó que se borrara a quien se refiere.',
    'bad-signature': 'Una firma no es la de la instalación.',
    'bad-checkpoint': 'Un punto de control no es como debe ser uno de esta bitácora.',
    'spine-mismatch': 'La bitácora y lo que la columna dice de ella se contradicen.',
    'bad-body': 'El asiento incumple una regla del formato.',
    'tile-mismatch': 'Los resúmenes guardados junto a los asientos no son los suyos; los asientos mismos coinciden con las firmas.',
    'index-mismatch': 'Lo que la base de datos guarda junto al asiento lo contradice.',
    'image-mismatch': 'La imagen guardada del registro no es la que el asiento comprometió.',
    'file-changed': 'Un archivo de la exportación no es el que indica su manifiesto.',
    'file-missing': 'Falta un archivo que el manifiesto de la exportación indica.',
    'bad-proof': 'La prueba no se sostiene.',
  },
}

/** @type {Record<Language, Record<string, string>>} */
const WORDS = {
  en: {
    good: 'GOOD: nothing was altered, removed, reordered or cut off.',
    bad: 'TAMPERING FOUND',
    entries: 'entries',
    logs: 'logs',
    spine: 'leaves of the spine',
    checkpoints: 'signed checkpoints checked',
    oldCheckpoints: 'old checkpoints compared',
    rows: 'changes of rows',
    records: 'rows compared with the trail',
    dropped: 'months dropped under a retention policy',
    unsigned: 'entries not covered by a checkpoint yet',
    log: 'log',
    index: 'place',
    entry: 'entry',
    swapped: 'and',
    size: 'at the checkpoint of size',
    count: 'affected',
    record: 'record',
    detail: 'detail',
    files: 'files',
    also: 'this also shows as',
    cosigned: 'cosigned by',
    upTo: 'up to size',
    'not-covered': 'Logs that the spine names and that are not part of what was checked:',
    'not-reconciled': 'Changes of rows whose operation may be in a log that is not at hand:',
    'no-census': 'The rows themselves were not compared with the trail.',
    'unchecked-checkpoint': 'Not at hand any more, so this old checkpoint could not be compared:',
    'no-cosignature': 'No checkpoint is cosigned by the witness',
    'no-anchor-file': 'There is no anchor file yet: nothing of this host was compared.',
    'torn-anchor': 'Blocks of the anchor file that hold no whole checkpoint, as a crash leaves them, and were passed over:',
    'images-unchecked': 'An erasure may have been recorded in a month that was dropped, so missing images were not looked for in',
    droppedLog: 'dropped',
    policy: 'policy',
    partial: 'PARTIAL: only {logs} logs ({clinics} clinics, {months} months) were checked; the rest of the trail was not.',
    'own-key':
      'WARNING: no key was given. The key in the export was used, which proves nothing against whoever made the export. Obtain the key by another way and pass --key. Used:',
    'no-old': 'No old checkpoint was given: what was rewritten by the holder of the key cannot show.',
    usage: `Usage: node chiron-verify.mjs <folder> --key <key or file> [--checkpoint <file>]... [--witness <key or file>]... [--partial] [--json] [--lang es|en]
       node chiron-verify.mjs proof <file.json> --key <key or file> [--json] [--lang es|en]`,
    proofs: 'proofs checked',
    goodProof: 'GOOD: every proof holds.',
    failed: 'Could not verify:',
  },
  es: {
    good: 'CORRECTO: nada se alteró, quitó, reordenó ni cortó.',
    bad: 'SE ENCONTRÓ MANIPULACIÓN',
    entries: 'asientos',
    logs: 'bitácoras',
    spine: 'hojas de la columna',
    checkpoints: 'puntos de control firmados revisados',
    oldCheckpoints: 'puntos de control antiguos comparados',
    rows: 'cambios de registros',
    records: 'registros comparados con la bitácora',
    dropped: 'meses eliminados por política de conservación',
    unsigned: 'asientos que ningún punto de control cubre todavía',
    log: 'bitácora',
    index: 'posición',
    entry: 'asiento',
    swapped: 'y',
    size: 'en el punto de control de tamaño',
    count: 'afectados',
    record: 'registro',
    detail: 'detalle',
    files: 'archivos',
    also: 'también se ve como',
    cosigned: 'cofirmados por',
    upTo: 'hasta el tamaño',
    'not-covered': 'Bitácoras que la columna nombra y que no son parte de lo revisado:',
    'not-reconciled': 'Cambios de registros cuya operación puede estar en una bitácora que no está a la mano:',
    'no-census': 'Los registros mismos no se compararon con la bitácora.',
    'unchecked-checkpoint': 'Ya no está a la mano, así que este punto de control antiguo no pudo compararse:',
    'no-cosignature': 'Ningún punto de control está cofirmado por el testigo',
    'no-anchor-file': 'Todavía no hay archivo de anclaje: nada de este equipo se comparó.',
    'torn-anchor': 'Bloques del archivo de anclaje sin un punto de control completo, como los deja una caída, que se pasaron por alto:',
    'images-unchecked': 'Un borrado puede haberse asentado en un mes eliminado, así que no se buscaron imágenes faltantes en',
    droppedLog: 'eliminada',
    policy: 'política',
    partial: 'PARCIAL: solo se revisaron {logs} bitácoras ({clinics} clínicas, {months} meses); el resto no se revisó.',
    'own-key':
      'ADVERTENCIA: no se dio ninguna clave. Se usó la de la exportación, que nada prueba contra quien hizo la exportación. Obtenga la clave por otra vía y pásela con --key. Se usó:',
    'no-old': 'No se dio ningún punto de control antiguo: lo que haya reescrito quien tiene la clave no puede verse.',
    usage: `Uso: node chiron-verify.mjs <carpeta> --key <clave o archivo> [--checkpoint <archivo>]... [--witness <clave o archivo>]... [--partial] [--json] [--lang es|en]
     node chiron-verify.mjs proof <archivo.json> --key <clave o archivo> [--json] [--lang es|en]`,
    proofs: 'pruebas revisadas',
    goodProof: 'CORRECTO: todas las pruebas se sostienen.',
    failed: 'No se pudo verificar:',
  },
}

/** One sentence about a kind of finding. @param {string} code @param {Language} language */
export function explain(code, language) {
  return EXPLANATIONS[language][code] ?? code
}

/** @param {Finding[]} findings @returns {Finding[]} */
function explainAll(findings) {
  return findings.map((finding) => ({ ...finding, message: explain(finding.code, 'en') }))
}

/** @param {Finding} finding @param {Language} language */
function describe(finding, language) {
  const words = WORDS[language]
  const { index, last, other, entries } = finding
  const lines = [`✗ ${finding.code}: ${explain(finding.code, language)}`]
  const add = (/** @type {string} */ name, /** @type {unknown} */ value) => {
    if (value !== undefined && value !== null) lines.push(`    ${words[name]}: ${value}`)
  }
  add('log', finding.log)
  if (index !== undefined)
    add('index', other !== undefined ? `${index} ${words.swapped} ${other}` : last !== undefined && last !== index ? `${index} – ${last}` : index)
  add('entry', entries ? entries.map((entry) => entry ?? '?').join(` ${words.swapped} `) : finding.entry)
  add('size', finding.size)
  if (finding.type !== undefined) add('record', `${finding.type} ${finding.record ?? '?'}`)
  if ((finding.count ?? 1) > 1) add('count', finding.count)
  add('detail', finding.detail)
  if (finding.files) add('files', finding.files.length > 5 ? `${finding.files.slice(0, 5).join(', ')} … (${finding.files.length})` : finding.files.join(', '))
  if (finding.also) add('also', finding.also.join('; '))
  return lines.join('\n')
}

/** A report for people. @param {Result} result @param {Language} language */
export function formatReport({ ok, counts, findings, remarks, dropped, coverage }, language) {
  const words = WORDS[language]
  const figures = [
    [counts.entries, 'entries'],
    [counts.logs, 'logs'],
    [counts.leaves, 'spine'],
    [counts.checkpoints, 'checkpoints'],
    [counts.oldCheckpoints, 'oldCheckpoints'],
    [counts.rows, 'rows'],
    [counts.records, 'records'],
    [counts.dropped, 'dropped'],
    [counts.unsigned, 'unsigned'],
  ]
  const lines = figures.map(([figure, name]) => `${String(figure).padStart(12)}  ${words[/** @type {string} */ (name)]}`)
  for (const [name, { count, size }] of Object.entries(counts.cosigned))
    lines.push(`${String(count).padStart(12)}  ${words.cosigned} ${name} (${words.upTo} ${size})`)
  for (const { log, size, policy, at } of dropped)
    lines.push(`${String(size).padStart(12)}  ${words.entries}: ${words.droppedLog} ${at}, ${words.policy}: ${policy}, ${log}`)
  if (counts.oldCheckpoints === 0) lines.push('', `! ${words['no-old']}`)
  for (const { code, text } of remarks) lines.push(`! ${words[code]} ${text}`.trimEnd())
  lines.push('', ok ? (words.good ?? '') : `${words.bad} (${findings.length})`)
  for (const finding of findings) lines.push('', describe(finding, language))
  if (coverage.isPartial) {
    const { logs, clinics, months } = coverage
    lines.push('', (words.partial ?? '').replace('{logs}', String(logs)).replace('{clinics}', String(clinics)).replace('{months}', String(months)))
  }
  return `${lines.join('\n')}\n`
}

/** The exit code of a verification: 0 good, 1 tampering found, 3 good as far as it goes, unless that was asked for. @param {Result} result @param {boolean} isPartialWanted */
export function exitCodeOf({ ok, coverage }, isPartialWanted) {
  if (!ok) return 1
  return coverage.isPartial && !isPartialWanted ? 3 : 0
}

// ── Exports ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @param {number} index */
function tilePath(index) {
  const parts = []
  for (let rest = index, isLast = true; isLast || rest > 0; rest = Math.floor(rest / 1000), isLast = false)
    parts.unshift(`${isLast ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`)
  return parts.join('/')
}

/** @param {unknown} error */
const isAbsent = (error) => error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

/** An export folder, each of whose files is compared with the manifest when it is read. */
class Folder {
  /** @type {Map<string, { size: number, sha256: string }>} */
  files = new Map()
  /** Files read, true when they are as listed. @type {Map<string, boolean>} */
  #checked = new Map()
  /** @type {Json} */
  manifest = {}

  /** @param {string} path */
  constructor(path) {
    this.path = path
  }

  async open() {
    let text
    try {
      text = await readFile(join(this.path, 'manifest.json'), 'utf8')
    } catch (error) {
      throw new VerifierError(`${join(this.path, 'manifest.json')}: ${error instanceof Error ? error.message : error}`)
    }
    try {
      this.manifest = JSON.parse(text)
      const { files } = this.manifest
      const list = Array.isArray(files) ? files.map((file) => [file.path ?? file.name, file]) : Object.entries(/** @type {Json} */ (files))
      for (const [name, { size, sha256: hash }] of list) this.files.set(String(name), { size: Number(size), sha256: String(hash) })
      // The list is the long part; the map has it now.
      this.manifest.files = null
    } catch {
      throw new VerifierError(`${join(this.path, 'manifest.json')} is no manifest`)
    }
    if (typeof this.manifest.installation !== 'string') throw new VerifierError(`${join(this.path, 'manifest.json')} names no installation`)
    return this
  }

  /** Null when there is no such file. @param {string} name @returns {Promise<Buffer | null>} */
  async read(name) {
    try {
      const data = await readFile(join(this.path, name))
      if (!this.#checked.has(name)) this.#note(name, sha256(data).toString('hex'))
      return data
    } catch (error) {
      if (isAbsent(error)) return null
      throw new VerifierError(`${name}: ${error instanceof Error ? error.message : error}`)
    }
  }

  /** Memory for files that are read one after another: what each would leave to be collected adds up. @type {Buffer[]} */
  #free = []

  /** As `read`, into memory that `release` hands on to the next file. @param {string} name @returns {Promise<{ data: Buffer, memory: Buffer } | null>} */
  async borrow(name) {
    let file
    try {
      file = await open(join(this.path, name))
      const { size } = await file.stat()
      const place = this.#free.findIndex((memory) => memory.length >= size && memory.length < 4 * size + 32_768)
      const [memory] = place < 0 ? [Buffer.allocUnsafeSlow(Math.max(16_384, 2 ** Math.ceil(Math.log2(size + 1))))] : this.#free.splice(place, 1)
      if (memory === undefined) return null
      let length = 0
      for (let count = 1; count > 0 && length < size; length += count) count = (await file.read(memory, length, size - length, length)).bytesRead
      const data = memory.subarray(0, length)
      if (!this.#checked.has(name)) this.#note(name, sha256(data).toString('hex'))
      return { data, memory }
    } catch (error) {
      if (isAbsent(error)) return null
      throw new VerifierError(`${name}: ${error instanceof Error ? error.message : error}`)
    } finally {
      await file?.close()
    }
  }

  /** @param {Buffer} memory */
  release(memory) {
    if (this.#free.length < 4) this.#free.push(memory)
  }

  /** @param {string} name */
  async has(name) {
    return (await this.list('.')).includes(name)
  }

  /** Lines of a file, or none when there is no such file. @param {string} name @returns {AsyncGenerator<string>} */
  async *lines(name) {
    const stream = createReadStream(join(this.path, name))
    const isThere = await new Promise((resolve, reject) => {
      stream.once('open', () => resolve(true))
      stream.once('error', (error) => (isAbsent(error) ? resolve(false) : reject(new VerifierError(`${name}: ${error.message}`))))
    })
    if (!isThere) return
    const hash = crypto.createHash('sha256')
    stream.on('data', (chunk) => hash.update(chunk))
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
    if (!this.#checked.has(name)) this.#note(name, hash.digest('hex'))
  }

  /** @param {string} name @param {string} hash */
  #note(name, hash) {
    this.#checked.set(name, this.files.get(name)?.sha256 === hash)
  }

  /** @param {string} name @returns {Promise<string[]>} */
  async list(name) {
    try {
      return (await readdir(join(this.path, name))).sort()
    } catch (error) {
      if (isAbsent(error)) return []
      throw new VerifierError(`${name}: ${error instanceof Error ? error.message : error}`)
    }
  }

  /** Files that are not as the manifest says; reads those that nobody has read yet. @returns {Promise<FileProblem[]>} */
  async problems() {
    for (const name of this.files.keys()) {
      // A manifest is no reason to read what lies outside the folder.
      if (this.#checked.has(name) || name.split('/').includes('..')) continue
      const hash = crypto.createHash('sha256')
      try {
        for await (const chunk of createReadStream(join(this.path, name))) hash.update(chunk)
        this.#note(name, hash.digest('hex'))
      } catch (error) {
        if (!isAbsent(error)) throw new VerifierError(`${name}: ${error instanceof Error ? error.message : error}`)
      }
    }
    const missing = [...this.files.keys()].filter((name) => !this.#checked.has(name)).map((name) => ({ name, isMissing: true }))
    return [...missing, ...[...this.#checked].filter(([, isListed]) => !isListed).map(([name]) => ({ name, isMissing: false }))]
  }
}

/** Opens an export folder. Throws VerifierError when it is none. @param {string} path @returns {Promise<Source & { key: string | null }>} */
export async function openExport(path) {
  const folder = await new Folder(path).open()
  const installation = String(folder.manifest.installation)
  const directoryOf = (/** @type {Log} */ log) => (log.month === 'spine' ? 'spine' : `logs/${log.clinic}/${log.month}`)
  const hasCensus = await folder.has('census.tsv')
  const isWhole = folder.manifest.isWhole === undefined ? hasCensus || folder.files.has('census.tsv') : folder.manifest.isWhole === true
  const isCensusLost = isWhole && !hasCensus && !folder.files.has('census.tsv')
  const exportedAt = folder.manifest.exportedAt

  /** A tile or bundle, the widest when it is not full. @param {string} name */
  async function readWidest(name) {
    const full = await folder.borrow(name)
    if (full) return { ...full, width: WIDTH }
    const widths = (await folder.list(`${name}.p`)).map(Number).filter((width) => width > 0 && width < WIDTH)
    const width = Math.max(0, ...widths)
    const part = width > 0 ? await folder.borrow(`${name}.p/${width}`) : null
    return part && { ...part, width }
  }

  /** Where the bundles of a log end, when some are missing before. @param {string} directory @param {number} atLeast */
  async function sizeOf(directory, atLeast) {
    const note = await folder.read(`${directory}/checkpoint`)
    return Math.max(atLeast, (note && parseCheckpoint(note.toString('utf8'))?.size) ?? 0)
  }

  /** @param {Log} log @param {number} atLeast @returns {AsyncGenerator<Leaf[]>} */
  async function* leaves(log, atLeast) {
    const directory = directoryOf(log)
    const bundle = (/** @type {number} */ index) => readWidest(`${directory}/tile/entries/${tilePath(index)}`)
    const bundles = Math.ceil((await sizeOf(directory, atLeast)) / WIDTH)
    let next = bundle(0)
    for (let index = 0; ; index += 1) {
      const found = await next
      if (found === null && index + 1 >= bundles) return
      // The next bundle is read while this one is checked.
      next = found?.width === WIDTH || index + 1 < bundles ? bundle(index + 1) : Promise.resolve(null)
      if (found === null) {
        // A hole is a finding only when the log goes on behind it; else its tail is cut.
        if ((await next) === null) return
        yield Array.from({ length: WIDTH }, (_, at) => ({ index: index * WIDTH + at, data: null }))
        continue
      }
      const page = splitBundle(found.data, index * WIDTH)
      yield page
      folder.release(found.memory)
      if (page.length < WIDTH) return
    }
  }

  /** @param {string} name @returns {AsyncGenerator<Json>} */
  async function* jsonLines(name) {
    for await (const line of folder.lines(name)) if (line !== '') yield JSON.parse(line)
  }

  return {
    installation,
    isPartial: !isWhole,
    counter: typeof folder.manifest.tx === 'string' ? Number(folder.manifest.tx) : null,
    horizon: null,
    hasPartialTiles: true,
    key: (await folder.read('key.vkey'))?.toString('utf8').trim() ?? null,
    async logs() {
      /** @type {Log[]} */
      const logs = []
      for (const clinic of await folder.list('logs')) {
        if (!UUID.test(clinic)) continue
        for (const month of await folder.list(`logs/${clinic}`))
          if (/^\d{4}-\d\d$/.test(month)) logs.push({ origin: `chiron/${installation}/${clinic}/${month}`, clinic, month })
      }
      return logs
    },
    leaves,
    async tile(log, level, index) {
      const found = await readWidest(`${directoryOf(log)}/tile/${level}/${tilePath(index)}`)
      if (found === null) return null
      const tile = Buffer.from(found.data)
      folder.release(found.memory)
      return tile
    },
    async *checkpoints(log) {
      if (log.month !== 'spine') {
        const note = await folder.read(`${directoryOf(log)}/checkpoint`)
        if (note) yield { note: note.toString('utf8') }
        return
      }
      for await (const note of joinNotes(folder.lines('checkpoints.txt'))) yield { note }
    },
    tree: async () => null,
    records() {
      return isWhole && hasCensus ? readRecords(folder) : null
    },
    async *unlogged() {
      for await (const { clinic, month, entry, tx } of jsonLines('unlogged.jsonl'))
        yield { clinic: String(clinic), month: String(month), entry: String(entry), tx: String(tx) }
    },
    async *pending() {
      for await (const { clinic, month, entry, tx, body } of jsonLines('pending.jsonl'))
        yield { clinic: String(clinic), month: String(month), entry: String(entry), tx: String(tx), body: Buffer.from(String(body)) }
    },
    isPendingWhole: isWhole && folder.files.has('pending.jsonl'),
    now: typeof exportedAt === 'string' && !Number.isNaN(Date.parse(exportedAt)) ? exportedAt : null,
    fileProblems: async () => [...(await folder.problems()), ...(isCensusLost ? [{ name: 'census.tsv', isMissing: true }] : [])],
  }
}

/** @param {Folder} folder @returns {AsyncGenerator<[string, string][]>} */
async function* readRecords(folder) {
  /** @type {[string, string][]} */
  let page = []
  for await (const line of folder.lines('census.tsv')) {
    const tab = line.indexOf('\t')
    if (tab > 0) page.push([line.slice(0, tab), line.slice(tab + 1)])
    if (page.length < 1000) continue
    yield page
    page = []
  }
  yield page
}

/** Entries of a bundle; the byte before each, the end of its length, becomes the zero that a leaf's hash begins with. @param {Buffer} bundle @param {number} first */
function splitBundle(bundle, first) {
  /** @type {Leaf[]} */
  const page = []
  for (let at = 0; at + 2 <= bundle.length && page.length < WIDTH; ) {
    const length = bundle.readUInt16BE(at)
    const end = at + 2 + length
    bundle[at + 1] = 0
    // Nothing has the length zero: an export writes it for a leaf whose entry is gone.
    page.push({ index: first + page.length, data: length === 0 || end > bundle.length ? null : bundle.subarray(at + 1, end) })
    at = end
  }
  return page
}

// ── Proofs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** @param {unknown} value @returns {Json[]} */
const asList = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [/** @type {Json} */ (value)])

/** @param {unknown} value */
function asProof(value) {
  if (!Array.isArray(value) || !value.every((part) => typeof part === 'string' && Buffer.from(part, 'base64').length === HASH)) return null
  return value.map((part) => Buffer.from(part, 'base64'))
}

/** Checks one proof bundle. Throws VerifierError when it is none. @param {unknown} bundle @param {string} key @returns {{ ok: boolean, proofs: number, findings: Finding[] }} */
export function verifyProof(bundle, key) {
  if (typeof bundle !== 'object' || bundle === null || !('v' in bundle) || bundle.v !== 1) throw new VerifierError('this is no proof bundle of version 1')
  return new ProofCheck(parseKey(key, 1)).check(/** @type {Json} */ (bundle))
}

class ProofCheck {
  /** @type {Finding[]} */
  findings = []
  proofs = 0
  /** @type {Map<string, Checkpoint>} */
  #logs = new Map()

  /** @param {Key} key */
  constructor(key) {
    this.key = key
  }

  /** @param {Json} bundle */
  check(bundle) {
    const spine = bundle.spine === undefined ? null : this.#checkpoint(/** @type {Json} */ (bundle.spine).checkpoint, this.key.name)
    for (const log of asList(bundle.logs)) this.#checkLog(log, spine)
    for (const entry of asList(bundle.entries)) this.#checkEntry(entry)
    for (const step of asList(bundle.consistency)) this.#checkConsistency(step)
    if (this.proofs === 0 && this.findings.length === 0) throw new VerifierError('the bundle proves nothing')
    return { ok: this.findings.length === 0, proofs: this.proofs, findings: explainAll(this.findings) }
  }

  /** @param {string} log @param {string} detail @param {Partial<Finding>} [more] @param {string} [code] */
  #fail(log, detail, more = {}, code = 'bad-proof') {
    this.findings.push({ code, log, detail, message: '', ...more })
  }

  /** @param {unknown} note @param {string} origin */
  #checkpoint(note, origin) {
    const checkpoint = typeof note === 'string' ? parseCheckpoint(note) : null
    if (checkpoint === null || checkpoint.origin !== origin) this.#fail(origin, checkpoint ? 'it belongs elsewhere' : 'malformed', {}, 'bad-checkpoint')
    else if (isSignedBy(checkpoint, makeKey(origin, 1, this.key.publicKey)) !== true) this.#fail(origin, '', { size: checkpoint.size }, 'bad-signature')
    else return checkpoint
    return null
  }

  /** @param {unknown} index @param {Checkpoint} checkpoint @param {unknown} body @param {unknown} proof */
  #isIncluded(index, checkpoint, body, proof) {
    const path = asProof(proof)
    if (path === null || !isSize(index) || typeof body !== 'string') return false
    this.proofs += 1
    return rootFromInclusion(BigInt(Number(index)), BigInt(checkpoint.size), hashBody(body), path)?.equals(checkpoint.root) ?? false
  }

  /** @param {Json} log @param {Checkpoint | null} spine */
  #checkLog({ origin, checkpoint: note, head }, spine) {
    const name = String(origin)
    const checkpoint = this.#checkpoint(note, name)
    if (checkpoint === null) return
    this.#logs.set(name, checkpoint)
    if (head === undefined || head === null) return
    const { index, body: text, proof } = /** @type {Json} */ (head)
    const body = parseBody(Buffer.from(String(text)))
    const [clinic, month] = name.split('/').slice(-2)
    const fits = body?.clinic === clinic && body?.month === month && body?.size === checkpoint.size && body?.root === checkpoint.root.toString('hex')
    if (!fits || (body?.kind !== 'head' && body?.kind !== 'closed' && body?.kind !== 'dropped')) this.#fail(name, 'the head is not that of the checkpoint')
    else if (spine === null) this.#fail(name, 'there is no checkpoint of the spine to prove the head against')
    else if (!this.#isIncluded(index, spine, text, proof)) this.#fail(name, 'the head is not in the spine')
  }

  /** @param {Json} entry */
  #checkEntry({ origin, index, entry, body: text, proof }) {
    const name = String(origin)
    const place = { index: isSize(index) ? Number(index) : undefined, entry: typeof entry === 'string' ? entry : undefined }
    const checkpoint = this.#logs.get(name)
    const body = parseBody(Buffer.from(String(text)))
    const [clinic, month] = name.split('/').slice(-2)
    if (!checkpoint) this.#fail(name, 'there is no valid checkpoint of its log', place)
    else if (body === null) this.#fail(name, 'no canonical JSON', place)
    else if (body.v !== 1 && body.entry !== entry) this.#fail(name, 'the entry has another id', place)
    else if (!this.#isIncluded(index, checkpoint, text, proof)) this.#fail(name, 'the entry is not in the log', place)
    else {
      const problem = findBodyProblem(body, { origin: name, clinic: clinic ?? '', month: month ?? '' })
      if (problem !== null) this.#fail(name, problem, place)
    }
  }

  /** @param {Json} step */
  #checkConsistency({ origin, old, new: newer, proof }) {
    const name = String(origin)
    const [was, is, path] = [this.#checkpoint(old, name), this.#checkpoint(newer, name), asProof(proof)]
    if (was === null || is === null) return
    this.proofs += 1
    if (path === null || !isConsistent(BigInt(was.size), BigInt(is.size), was.root, is.root, path))
      this.#fail(name, 'the newer log does not begin with the older one', { size: was.size })
  }
}

// ── Command line ────────────────────────────────────────────────────────────────────────────────────────────────────

/** @param {string[]} args */
function readArguments(args) {
  /** @type {{ places: string[], key: string | null, checkpoints: string[], witnesses: string[], isJson: boolean, isPartial: boolean, language: Language }} */
  const read = {
    places: [],
    key: null,
    checkpoints: [],
    witnesses: [],
    isJson: false,
    isPartial: false,
    language: /^es/i.test(process.env.LC_ALL || process.env.LANG || '') ? 'es' : 'en',
  }
  /** @type {string[]} */
  const wrong = []
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (arg === '--json') read.isJson = true
    else if (arg === '--partial') read.isPartial = true
    else if (!arg.startsWith('--')) read.places.push(arg)
    else {
      at += 1
      const value = args[at]
      if (value === undefined) wrong.push(arg)
      else if (arg === '--key') read.key = value
      else if (arg === '--checkpoint') read.checkpoints.push(value)
      else if (arg === '--witness') read.witnesses.push(value)
      else if (arg === '--lang' && (value === 'es' || value === 'en')) read.language = value
      else wrong.push(arg)
    }
  }
  return { ...read, wrong }
}

/** A key, or the file that holds it. @param {string} text */
async function readKey(text) {
  return /^[^+\s]+\+[0-9a-f]{8}\+/.test(text) ? text : (await readText(text)).trim()
}

/** @param {string} path */
async function readText(path) {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new VerifierError(`${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** Reports at most every 5 s, or twice a second on a terminal. @param {Language} language */
function makeReporter(language) {
  const start = Date.now()
  const pause = process.stderr.isTTY ? 500 : 5000
  let last = start
  return (/** @type {Progress} */ { entries, log }) => {
    const now = Date.now()
    if (now - last < pause) return
    last = now
    const line = `${entries} ${WORDS[language].entries}, ${Math.round(entries / ((now - start) / 1000))}/s, ${log}`
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
  }
}

/**
 * The command line. Answers the exit code: 0 good, 1 tampering found, 2 could not verify, 3 good, but only a part
 * of the trail was there and --partial was not given.
 * @param {string[]} args
 */
export async function main(args) {
  const { places, key, checkpoints, witnesses, isJson, isPartial, language, wrong } = readArguments(args)
  const words = WORDS[language]
  const isProof = places[0] === 'proof' && places.length === 2
  if (wrong.length > 0 || (places.length !== 1 && !isProof) || (isProof && key === null)) {
    process.stderr.write(`${words.usage}\n`)
    return 2
  }
  try {
    if (isProof) return await runProof(String(places[1]), await readKey(String(key)), isJson, language)
    const source = await openExport(String(places[0]))
    const used = key === null ? source.key : await readKey(key)
    if (used === null) throw new VerifierError(`${words.usage}`)
    if (key === null) process.stderr.write(`\n!!! ${words['own-key']} ${used}\n\n`)
    const result = await verify(source, {
      key: used,
      checkpoints: await Promise.all(checkpoints.map(readText)),
      witnesses: await Promise.all(witnesses.map(readKey)),
      onProgress: makeReporter(language),
    })
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    const keyNote = key === null ? `! ${words['own-key']} ${used}\n` : ''
    process.stdout.write(
      isJson ? `${JSON.stringify({ key: used, isKeyFromExport: key === null, ...result }, null, 2)}\n` : `${keyNote}${formatReport(result, language)}`,
    )
    return exitCodeOf(result, isPartial)
  } catch (error) {
    process.stderr.write(`${words.failed} ${error instanceof VerifierError ? error.message : error instanceof Error ? error.stack : error}\n`)
    return 2
  }
}

/** @param {string} path @param {string} key @param {boolean} isJson @param {Language} language */
async function runProof(path, key, isJson, language) {
  const words = WORDS[language]
  let bundle
  try {
    bundle = JSON.parse(await readText(path))
  } catch (error) {
    throw error instanceof VerifierError ? error : new VerifierError(`${path}: JSON`)
  }
  const result = verifyProof(bundle, key)
  const lines = [`${String(result.proofs).padStart(12)}  ${words.proofs}`, '', result.ok ? words.goodProof : `${words.bad} (${result.findings.length})`]
  for (const finding of result.findings) lines.push('', describe(finding, language))
  process.stdout.write(isJson ? `${JSON.stringify(result, null, 2)}\n` : `${lines.join('\n')}\n`)
  return result.ok ? 0 : 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) process.exitCode = await main(process.argv.slice(2))
