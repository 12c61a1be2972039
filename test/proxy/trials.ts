import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '../../server/database/connection.ts'
import type { TestServer } from '../postgres.ts'
import type { Fleet, Member } from './fleet.ts'
import { type Change, ProxyLoad } from './load.ts'

/** What a trial under load leaves to be judged. */
export type Trial = {
  readonly acknowledged: number
  readonly reads: number
  /** Requests that were not answered as they should be. */
  readonly failures: readonly string[]
  /** Acknowledged changes without exactly one effect. */
  readonly wrong: readonly string[]
}

const CLIENTS = 8

export type TrialOptions = { readonly fleet: Fleet; readonly urls: TestServer }

/** kill -9 of one server after the other under load, as often as asked, while clients repeat what was not answered. */
export async function killUnderLoad({ fleet, urls }: TrialOptions, kills: number, pause: () => number): Promise<Trial> {
  const load = await startLoad(fleet, true)
  for (let count = 0; count < kills; count += 1) {
    const { program } = fleet.servers[count % 2 === 0 ? 0 : 1]
    await sleep(pause())
    program.kill()
    await sleep(pause())
    await program.start()
  }
  await load.stop()
  // The same key again, through the proxy, whichever server takes it: the same answer.
  const answers = load.acknowledged.slice(-50)
  const repeated: Change[] = []
  for (const { key } of answers) repeated.push({ key, id: await load.send({ key, id: null }) })
  const changed = repeated.filter(({ id }, index) => answers[index]?.id !== id).map(({ key }) => `another answer when repeated: ${key}`)
  return judge(load, [...changed, ...(await findWrongEffects(urls, load.changes))])
}

export type RollOptions = TrialOptions & {
  readonly rounds: number
  /** Looks at a server that was just asked to end. */
  readonly onDrain?: (member: Member) => Promise<void>
}

/** One server after the other is stopped as a supervisor does, and started again once it has ended; clients send each request once. */
export async function rollUnderLoad({ fleet, urls, rounds, onDrain }: RollOptions): Promise<Trial> {
  const load = await startLoad(fleet, false)
  for (const member of Array.from({ length: rounds }, () => fleet.servers).flat()) {
    // As long as the proxy's checks need to see a server that has come: two good ones, half a second apart.
    await sleep(1_600)
    const stopped = member.program.stop()
    await onDrain?.(member)
    const code = await stopped
    if (code !== 0) load.failures.push(`a server ended with ${code}`)
    await member.program.start()
  }
  await load.stop()
  return judge(load, await findWrongEffects(urls, load.changes))
}

function startLoad({ url, world }: Fleet, isPersistent: boolean): Promise<ProxyLoad> {
  return ProxyLoad.start({ url, email: world.email, patientId: world.practice.patientId, clients: CLIENTS, isPersistent })
}

function judge(load: ProxyLoad, wrong: readonly string[]): Trial {
  return { acknowledged: load.acknowledged.length, reads: load.reads, failures: load.failures, wrong }
}

/** Each change was made once, as the record that its answer named; one that nobody acknowledged at most once. */
export async function findWrongEffects({ adminUrl }: Pick<TestServer, 'adminUrl'>, changes: readonly Change[]): Promise<string[]> {
  const { rows } = await withClient(adminUrl, (client) =>
    client.query<{ key: string; ids: string[] }>('SELECT name AS key, array_agg(id::text) AS ids FROM client WHERE name = ANY ($1) GROUP BY name', [
      changes.map(({ key }) => key),
    ]),
  )
  const effects = new Map(rows.map(({ key, ids }) => [key, ids]))
  return changes.flatMap(({ key, id }) => {
    const ids = effects.get(key) ?? []
    if (id === null) return ids.length > 1 ? [`${ids.length} effects without an answer: ${key}`] : []
    return ids.length === 1 && ids[0] === id ? [] : [`${ids.length} effects of an acknowledged change: ${key}`]
  })
}
