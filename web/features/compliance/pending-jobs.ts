import { useSyncExternalStore } from 'react'

/** What somebody has asked for and can leave alone: they are told wherever they are when it is done. */
export type Job = { readonly kind: 'verification' } | { readonly kind: 'export'; readonly id: string }
/** `tick` grows with each answer about them, so that a page that shows them asks again. */
export type Jobs = { readonly pending: readonly Job[]; readonly tick: number }

let jobs: Jobs = { pending: [], tick: 0 }
const listeners = new Set<() => void>()

function publish(next: Jobs): void {
  jobs = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useJobs(): Jobs {
  return useSyncExternalStore(subscribe, () => jobs)
}

export function watchJob(job: Job): void {
  const others = jobs.pending.filter((one) => keyOf(one) !== keyOf(job))
  publish({ pending: [...others, job], tick: jobs.tick + 1 })
}

/** One round of questions is over; these jobs are done. */
export function endRound(done: readonly Job[]): void {
  const keys = new Set(done.map(keyOf))
  publish({ pending: jobs.pending.filter((one) => !keys.has(keyOf(one))), tick: jobs.tick + 1 })
}

export function isUnderWay(state: string): boolean {
  return state === 'waiting' || state === 'running'
}

function keyOf(job: Job): string {
  return job.kind === 'export' ? `export ${job.id}` : job.kind
}
