import type { Kept, Problem } from './check-log.ts'
import { PROBLEMS } from './check-log.ts'

const KEY = 'chiron:witness'
// Enough to show who looked at what; a browser's storage is no archive.
const SETTLED_AT_MOST = 10

/** Two notes of one log that contradict each other: the evidence. */
export type Alarm = {
  readonly id: string
  readonly at: string
  readonly problem: Problem
  readonly known: string
  readonly served: string
  /** Whether the server has taken the report. */
  readonly isReported: boolean
}
/** What this browser remembers of the server's log. Hashes, sizes and ids of clinics: nothing about people. */
export type Memory = {
  readonly kept: Kept | null
  /** When the key was seen first, and when the log last passed. */
  readonly since: string | null
  readonly checkedAt: string | null
  /** False when this browser cannot check Ed25519 signatures; null before the first check. */
  readonly isSignatureChecked: boolean | null
  readonly alarm: Alarm | null
  /** Alarms that somebody has dealt with, newest first. */
  readonly settled: readonly Alarm[]
}

export const EMPTY: Memory = { kept: null, since: null, checkedAt: null, isSignatureChecked: null, alarm: null, settled: [] }

/** Reads what was stored. Damaged parts are left out, but never an alarm as long as its problem can be read. */
export function parseMemory(text: string | null): Memory {
  const raw = parseJson(text)
  if (!isRecord(raw)) return EMPTY
  return {
    kept: keptOf(raw.kept),
    since: textOf(raw.since),
    checkedAt: textOf(raw.checkedAt),
    isSignatureChecked: typeof raw.isSignatureChecked === 'boolean' ? raw.isSignatureChecked : null,
    alarm: alarmOf(raw.alarm),
    settled: Array.isArray(raw.settled) ? raw.settled.map(alarmOf).filter((one) => one !== null) : [],
  }
}

/** Somebody has dealt with the alarm: it moves to the settled ones, and the next answer of the server is believed again. */
export function settle(memory: Memory): Memory {
  if (memory.alarm === null) return memory
  return { ...EMPTY, settled: [memory.alarm, ...memory.settled].slice(0, SETTLED_AT_MOST) }
}

function keptOf(raw: unknown): Kept | null {
  if (!isRecord(raw) || typeof raw.verifierKey !== 'string' || typeof raw.spine !== 'string' || !isRecord(raw.clinics)) return null
  const clinics = Object.entries(raw.clinics).flatMap(([id, note]) => (typeof note === 'string' ? [[id, note] as const] : []))
  return { verifierKey: raw.verifierKey, spine: raw.spine, clinics: Object.fromEntries(clinics) }
}

function alarmOf(raw: unknown): Alarm | null {
  if (!isRecord(raw)) return null
  const problem = PROBLEMS.find((one) => one === raw.problem)
  if (problem === undefined) return null
  const { id, at, known, served, isReported } = raw
  return { id: textOf(id) ?? '', at: textOf(at) ?? '', problem, known: textOf(known) ?? '', served: textOf(served) ?? '', isReported: isReported === true }
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text)
  } catch {
    return null
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

let memory = parseMemory(stored())
const listeners = new Set<() => void>()

function stored(): string | null {
  try {
    return globalThis.localStorage?.getItem(KEY) ?? null
  } catch {
    return null
  }
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function currentMemory(): Memory {
  return memory
}

/** What is stored now, which another tab may have written. */
export function readMemory(): Memory {
  const text = stored()
  // Storage is switched off: this page remembers as long as it is open.
  if (text !== null) publish(parseMemory(text))
  return memory
}

export function writeMemory(next: Memory): void {
  try {
    globalThis.localStorage.setItem(KEY, JSON.stringify(next))
  } catch {
    // Storage is switched off or full: the page that is open still knows.
  }
  publish(next)
}

function publish(next: Memory): void {
  memory = next
  for (const listener of listeners) listener()
}

globalThis.window?.addEventListener('storage', (event) => {
  if (event.key === KEY) publish(parseMemory(event.newValue))
})
