import { useEffect, useSyncExternalStore } from 'react'
import type { Client } from 'urql'
import { useClient } from 'urql'
import { useViewer } from '../../session/viewer.ts'
import { checkLog, checkpointOf, knownSizes, type Verdict } from './check-log.ts'
import { currentMemory, type Memory, readMemory, subscribe, writeMemory } from './memory.ts'
import { AuditWitness, ReportAuditMismatch } from './witness-documents.ts'

const CHECK_EVERY_MS = 15 * 60_000
// What the server takes of a note.
const NOTE_AT_MOST = 4_000

/** What this browser remembers of the log, and whether it is under suspicion. */
export function useWitness(): Memory {
  return useSyncExternalStore(subscribe, currentMemory)
}

/** Makes this browser a witness: at each sign-in, each time a session is taken up again, and every quarter of an hour. */
export function useWitnessing(): void {
  const client = useClient()
  const { clinic } = useViewer()
  useEffect(() => {
    const check = () => void witness(client, clinic.id)
    check()
    const timer = window.setInterval(check, CHECK_EVERY_MS)
    return () => window.clearInterval(timer)
  }, [client, clinic.id])
}

/**
 * One check, one tab at a time: two answers that cross must not look like a log that shrinks. Nothing is kept and nothing is
 * checked while an alarm stands; only its report is repeated until the server has taken it.
 */
export async function witness(client: Client, clinicId: string): Promise<void> {
  await navigator.locks.request('chiron:witness', async () => {
    const memory = readMemory()
    if (memory.alarm === null) await check(client, clinicId, memory)
    await report(client)
  })
}

async function check(client: Client, clinicId: string, memory: Memory): Promise<void> {
  const result = await client.query(AuditWitness, knownSizes(memory.kept, clinicId), { requestPolicy: 'network-only' }).toPromise()
  // Offline or refused: that says nothing about the log. The next check asks again.
  if (result.data === undefined || result.error) return
  const verdict = await checkLog(memory.kept, result.data.auditWitness, clinicId)
  if (verdict !== null) writeMemory(remember(memory, verdict, new Date().toISOString()))
}

/** What is remembered after a check. A log that contradicts what was kept never replaces it. */
export function remember(memory: Memory, verdict: Verdict, at: string): Memory {
  if (verdict.problem === null) {
    const { kept, isSignatureChecked } = verdict
    return { ...memory, kept, isSignatureChecked, since: memory.since ?? at, checkedAt: at }
  }
  const { problem, known, served } = verdict
  return { ...memory, alarm: { id: crypto.randomUUID(), at, problem, known, served, isReported: false } }
}

async function report(client: Client): Promise<void> {
  const { alarm } = currentMemory()
  if (alarm === null || alarm.isReported) return
  const input = { problem: alarm.problem, known: takeable(alarm.known), served: takeable(alarm.served) }
  // The alarm's own id: a report whose answer was lost is not written down twice.
  const result = await client.mutation(ReportAuditMismatch, { input }, { idempotencyKey: alarm.id }).toPromise()
  const now = currentMemory()
  if (result.data && now.alarm?.id === alarm.id) writeMemory({ ...now, alarm: { ...now.alarm, isReported: true } })
}

/** A note as the server takes it: nothing instead of what cannot be read. */
function takeable(note: string): string {
  return note.length <= NOTE_AT_MOST && checkpointOf(note) !== null ? note : ''
}
