import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { addClient, addPatient } from '../world-patients.ts'
import type { Line } from './audit-checks.ts'
import { CHART, type Desk } from './desk.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'
import type { Lab } from './lab.ts'
import { unreadBytes } from './socket-queues.ts'

const SLOW = 200
const FACTOR = 2
/** Below this a ratio says more about the machine than about the server. */
const FLOOR_MS = 25
/** Headers must be there after 10 s and a request after 30 s; connections are looked through every 2 s. */
const HEADERS_CUT_MS = 15_000
/** An idle connection ends after 90 s. One that the server writes to is looked at every 90 s, and stays when the system has taken more since. */
const ALL_CUT_MS = 290_000
/** Two answers of 3 MB on one connection are more than the system keeps for it, so that the server has to wait with the rest. */
const ANSWERS = 2
const COPIES = 10
const CHARTS = 20
const STALLED_MS = 5_000

type Manner = 'headers' | 'body' | 'reader'
const MANNERS = ['headers', 'body', 'reader'] as const satisfies readonly Manner[]

/** A client that sends a byte now and then, or asks for more than it reads. */
class SlowClient {
  readonly manner: Manner
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  readonly #begun = performance.now()
  /** How long the server kept it; null while it does. */
  cutAfterMs: number | null = null

  constructor(port: number, manner: Manner, token: string, largeId: string) {
    this.manner = manner
    this.#socket = connect(port, '127.0.0.1')
    const end = () => {
      clearInterval(this.#timer)
      this.cutAfterMs ??= performance.now() - this.#begun
    }
    this.#socket.on('error', end).on('close', end)
    if (manner === 'reader') this.#socket.pause()
    else this.#socket.resume()
    this.#socket.write(openingOf(manner, token, largeId))
    this.#timer = setInterval(() => this.#socket.write(manner === 'headers' ? 'x' : ' '), 500)
    if (manner === 'reader') clearInterval(this.#timer)
  }

  /** Who does not read hears of no end, either: the server's side tells. */
  look(held: ReadonlyMap<number, number>): void {
    const { localPort } = this.#socket
    if (this.manner === 'reader' && localPort !== undefined && !held.has(localPort)) this.cutAfterMs ??= performance.now() - this.#begun
  }

  end(): void {
    clearInterval(this.#timer)
    this.#socket.destroy()
  }
}

function openingOf(manner: Manner, token: string, largeId: string): string {
  const head = 'POST /graphql HTTP/1.1\r\nHost: chiron\r\nContent-Type: application/json\r\n'
  if (manner === 'headers') return `${head}X-Slow: `
  if (manner === 'body') return `${head}Content-Length: 5000\r\n\r\n{`
  const copies = Array.from({ length: COPIES }, (_, index) => `copy${index}: client(id: $id) { patients { alerts allergies } }`)
  const body = JSON.stringify({ query: `query Large($id: UUID!) { ${copies.join(' ')} }`, variables: { id: largeId } })
  // One after another without reading any answer.
  return `${head}Authorization: Bearer ${token}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`.repeat(ANSWERS)
}

/** A client whose animals' charts hold as much text as they may: 16 kB each. */
async function addManyLines({ app, world }: Lab): Promise<string> {
  const lines = (length: number) => Array.from({ length: 50 }, (_, index) => `${index} `.padEnd(length, 'x'))
  const clientId = await addClient(app, world.actor)
  for (let chart = 0; chart < CHARTS; chart += 1) await addPatient(app, world.actor, { clientId, alerts: lines(200), allergies: lines(120) })
  return clientId
}

/** Opens them, readers first and one by one, each once the server waits for the one before: all at once they would be busy clients. */
async function openClients(port: number, desk: Desk, largeId: string, clients: SlowClient[]): Promise<void> {
  const manners = Array.from({ length: SLOW }, (_, index) => MANNERS[index % MANNERS.length] ?? 'headers')
  const open = (manner: Manner) => clients.push(new SlowClient(port, manner, desk.token, largeId))
  for (const manner of manners.filter((one) => one === 'reader')) {
    const readers = open(manner)
    const deadline = performance.now() + STALLED_MS
    while (waitingFor(port).length < readers && performance.now() < deadline) await sleep(20)
  }
  for (const manner of manners.filter((one) => one !== 'reader')) open(manner)
  await sleep(1_000)
}

function waitingFor(port: number): number[] {
  return [...unreadBytes(port).values()].filter((size) => size > 0)
}

export const slowClients: Fault = {
  name: 'slow-clients',
  title: `${SLOW} slow clients: headers, bodies and readers that drip`,
  run: async ({ isQuick, lab }) => {
    const desk = await lab.desk()
    const { patientId } = lab.world.practice
    const largeId = await addManyLines(lab)
    const rounds = isQuick ? 200 : 600
    await measure(desk, patientId, 200)
    const before = await measure(desk, patientId, rounds)
    const port = Number(new URL(desk.url).port)
    const clients: SlowClient[] = []
    try {
      await openClients(port, desk, largeId, clients)
      const waiting = waitingFor(port)
      let refused = 0
      const during = await measure(desk, patientId, rounds, (status) => {
        if (status !== 200) refused += 1
      })
      return {
        times: SLOW,
        lines: [
          count('p95 of others without them, ms', before),
          count('p95 of others with them, ms', during),
          mustBeZero(`p95 of others ${FACTOR} times as long or longer`, during >= FACTOR * Math.max(before, FLOOR_MS) ? 1 : 0),
          mustBeZero('others answered with anything but 200', refused),
          ...mustHappen('readers for whom answers wait', waiting.length),
          count('waiting for them, MB', waiting.reduce((sum, size) => sum + size, 0) / 1_000_000),
          mustBeZero('readers for whom nothing waits', clients.filter(({ manner }) => manner === 'reader').length - waiting.length),
          ...(await untilCut(clients, port, isQuick)),
        ],
      }
    } finally {
      for (const client of clients) client.end()
    }
  },
}

/** The time limits must end them: in the short form those whose limit is short. */
async function untilCut(clients: readonly SlowClient[], port: number, isQuick: boolean): Promise<Line[]> {
  const wanted = clients.filter(({ manner }) => !isQuick || manner === 'headers')
  const left = () => {
    const held = unreadBytes(port)
    for (const client of clients) client.look(held)
    return wanted.filter(({ cutAfterMs }) => cutAfterMs === null).length
  }
  const deadline = performance.now() + (isQuick ? HEADERS_CUT_MS : ALL_CUT_MS)
  while (left() > 0 && performance.now() < deadline) await sleep(250)
  return [
    ...mustHappen('connections cut by a time limit', clients.filter(({ cutAfterMs }) => cutAfterMs !== null).length),
    count('longest-lived of them, s', Math.max(...clients.map(({ cutAfterMs }) => cutAfterMs ?? 0)) / 1000),
    mustBeZero('slow connections that nobody cut', left()),
  ]
}

/** The 95th percentile of a read, four at a time, in milliseconds. */
async function measure(desk: Desk, patientId: string, rounds: number, answered: (status: number) => void = () => {}): Promise<number> {
  const times: number[] = []
  const worker = async () => {
    while (times.length < rounds) {
      const { ms, status } = await desk.send(CHART, { id: patientId })
      answered(status)
      times.push(ms)
    }
  }
  await Promise.all(Array.from({ length: 4 }, worker))
  return times.sort((a, b) => a - b)[Math.floor(0.95 * (times.length - 1))] ?? Number.NaN
}
