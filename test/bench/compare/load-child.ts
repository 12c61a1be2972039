// Sends requests, as a process of its own so that its processor time is known and nobody else's. One for all contenders: bookings and versions of visits
// go on where the one before stopped.
import { z } from 'zod'
import { percentile } from '../statistics.ts'
import { DIALECTS, requestOf } from './dialects.ts'
import { HttpConnection } from './http-connection.ts'
import { CHECKED, type Input, inputOf, OPERATION_NAMES, stepOf, type Visit } from './operations.ts'

const visitSchema = z.object({ id: z.string(), clinic: z.string(), version: z.number(), status: z.enum(['scheduled', 'confirmed']) })
const sourceSchema = z.object({
  source: z.object({ size: z.enum(['S', 'M', 'L']), organisation: z.string(), clinics: z.array(z.string()), terms: z.array(z.string()) }),
  visits: z.array(visitSchema),
})
const roundSchema = z.object({
  url: z.string(),
  token: z.string(),
  dialect: z.enum(DIALECTS),
  name: z.enum(OPERATION_NAMES),
  connections: z.number(),
  seconds: z.number(),
})
type Round = z.infer<typeof roundSchema>
type Source = z.infer<typeof sourceSchema>

let state: Source = { source: { size: 'S', organisation: '', clinics: [], terms: [] }, visits: [] }
const counts = new Map<string, number>()

function next(key: string): number {
  const index = counts.get(key) ?? 0
  counts.set(key, index + 1)
  return index
}

/** The next input, and what to do with the answer. Reads begin with the same ones for every contender, changes never repeat one. */
function takeInput({ name, url }: Round): { input: Input; visit: Visit | null } {
  if (name === 'book' || name === 'stock') return { input: inputOf(name, CHECKED + 1 + next(name), state.source), visit: null }
  if (name !== 'status') return { input: inputOf(name, next(`${name} ${url}`), state.source), visit: null }
  const visit = state.visits.shift()
  if (!visit) throw new Error('there are fewer visits than connections')
  return { input: stepOf(visit, state.source.organisation), visit }
}

async function runRound(round: Round) {
  // Anew for every round: between two of them servers close what is idle.
  const open = await Promise.all(Array.from({ length: round.connections }, () => HttpConnection.open(round.url)))
  const latencies: number[] = []
  let failure = ''
  const cpuBefore = process.cpuUsage()
  const begun = performance.now()
  const until = begun + round.seconds * 1_000
  const loop = async (connection: HttpConnection) => {
    while (performance.now() < until && failure === '') {
      const { input, visit } = takeInput(round)
      const { path, headers, body } = requestOf(round.dialect, round.name, input, round.token)
      const sent = performance.now()
      const answer = await connection.send(path, headers, body)
      latencies.push(performance.now() - sent)
      if (answer.status !== 200 || answer.body.includes('"errors"') || answer.body.includes('"message"'))
        failure = `${answer.status} ${answer.body.toString().slice(0, 500)} to ${body.slice(0, 300)}`
      else if (visit) state.visits.push({ ...visit, version: visit.version + 1, status: input.status ?? visit.status })
    }
  }
  await Promise.all(open.map(loop))
  const seconds = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  for (const connection of open) connection.close()
  const [p50, p95, p99] = latencies.length === 0 ? [0, 0, 0] : [50, 95, 99].map((percent) => percentile(latencies, percent))
  return { requests: latencies.length, seconds, p50, p95, p99, failure, cpuMs: (user + system) / 1_000 }
}

process.on('message', (message: unknown) => {
  const given = sourceSchema.safeParse(message)
  if (given.success) {
    state = given.data
    process.send?.({ ready: true })
    return
  }
  runRound(roundSchema.parse(message)).then(
    (result) => process.send?.(result),
    (error: Error) => process.send?.({ requests: 0, seconds: 1, p50: 0, p95: 0, p99: 0, failure: String(error.stack), cpuMs: 0 }),
  )
})
process.once('disconnect', () => process.exit(0))
