import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CHART, type Desk } from './desk.ts'
import { count, type Fault, mustBeZero, mustHappen } from './fault.ts'

const SLOW = 200
const FACTOR = 2
/** Below this a ratio says more about the machine than about the server. */
const FLOOR_MS = 25
/** Headers must be there after 10 s and a request after 30 s; connections are looked through every 2 s. */
const HEADERS_CUT_MS = 15_000
const ALL_CUT_MS = 100_000

type Manner = 'headers' | 'body' | 'reader'

/** A client that sends a byte now and then, or asks for more than it reads. */
class SlowClient {
  readonly manner: Manner
  readonly #socket: Socket
  readonly #timer: NodeJS.Timeout
  readonly #begun = performance.now()
  /** How long the server kept it; null while it does. */
  cutAfterMs: number | null = null

  constructor(port: number, manner: Manner, token: string, patientId: string) {
    this.manner = manner
    this.#socket = connect(port, '127.0.0.1')
    const end = () => {
      clearInterval(this.#timer)
      this.cutAfterMs ??= performance.now() - this.#begun
    }
    this.#socket.on('error', end).on('close', end)
    if (manner === 'reader') this.#socket.pause()
    else this.#socket.resume()
    this.#socket.write(openingOf(manner, token, patientId))
    this.#timer = setInterval(() => this.#socket.write(manner === 'headers' ? 'x' : ' '), 500)
    if (manner === 'reader') clearInterval(this.#timer)
  }

  end(): void {
    clearInterval(this.#timer)
    this.#socket.destroy()
  }
}

function openingOf(manner: Manner, token: string, patientId: string): string {
  const head = 'POST /graphql HTTP/1.1\r\nHost: chiron\r\nContent-Type: application/json\r\n'
  if (manner === 'headers') return `${head}X-Slow: `
  if (manner === 'body') return `${head}Content-Length: 5000\r\n\r\n{`
  const body = JSON.stringify({ query: CHART, variables: { id: patientId } })
  // One after another without reading any answer.
  return `${head}Authorization: Bearer ${token}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`.repeat(20)
}

export const slowClients: Fault = {
  name: 'slow-clients',
  title: `${SLOW} slow clients: headers, bodies and readers that drip`,
  run: async ({ isQuick, lab }) => {
    const desk = await lab.desk()
    const { patientId } = lab.world.practice
    const rounds = isQuick ? 200 : 600
    await measure(desk, patientId, 200)
    const before = await measure(desk, patientId, rounds)
    const manners: readonly Manner[] = ['headers', 'body', 'reader']
    const port = Number(new URL(desk.url).port)
    const clients = Array.from({ length: SLOW }, (_, index) => new SlowClient(port, manners[index % manners.length] ?? 'headers', desk.token, patientId))
    try {
      await sleep(1_000)
      let refused = 0
      const during = await measure(desk, patientId, rounds, (status) => {
        if (status !== 200) refused += 1
      })
      const isCut = (manner: Manner) => clients.filter((client) => client.manner === manner).every(({ cutAfterMs }) => cutAfterMs !== null)
      const wanted: readonly Manner[] = isQuick ? ['headers'] : manners
      const deadline = performance.now() + (isQuick ? HEADERS_CUT_MS : ALL_CUT_MS)
      while (!wanted.every(isCut) && performance.now() < deadline) await sleep(250)
      const left = clients.filter(({ manner, cutAfterMs }) => wanted.includes(manner) && cutAfterMs === null).length
      const lasted = Math.max(...clients.map(({ cutAfterMs }) => cutAfterMs ?? 0))
      return {
        times: SLOW,
        lines: [
          count('p95 of others without them, ms', before),
          count('p95 of others with them, ms', during),
          mustBeZero(`p95 of others ${FACTOR} times as long or longer`, during >= FACTOR * Math.max(before, FLOOR_MS) ? 1 : 0),
          mustBeZero('others answered with anything but 200', refused),
          ...mustHappen('connections cut by a time limit', clients.filter(({ cutAfterMs }) => cutAfterMs !== null).length),
          count('longest-lived of them, s', lasted / 1000),
          mustBeZero('slow connections that nobody cut', left),
        ],
      }
    } finally {
      for (const client of clients) client.end()
    }
  },
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
