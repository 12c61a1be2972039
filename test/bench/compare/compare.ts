import { bySize, formatCount, type Goal, type Section, type Size } from '../measure.ts'
import { type Interval, interval95, mean, median } from '../statistics.ts'
import type { BenchDatabase } from './bench-database.ts'
import { Contender, type ContenderName } from './contender.ts'
import { LoadGenerator } from './load-generator.ts'
import { isWrite, type OperationName, TITLES } from './operations.ts'
import { type Turn, type Turns, takeTurns } from './rounds.ts'
import { assertSameAnswers } from './same-answers.ts'

export const CONNECTIONS = 50
const TURN_SECONDS = 0.5

export type CompareOptions = {
  readonly size: Size
  readonly operations: readonly OperationName[]
  readonly contenders: readonly ContenderName[]
  readonly rounds: number | null
  readonly database: BenchDatabase
  readonly say: (line: string) => void
}

/** Requests per second of contenders that take turns on one database, operation by operation, reads first. */
export async function compare({ size, operations, contenders: names, rounds: wished, database, say }: CompareOptions): Promise<Section> {
  const rounds = wished ?? bySize(size, { S: 5, M: 20, L: 20 })
  await using stack = new AsyncDisposableStack()
  const contenders: Contender[] = []
  for (const name of names) contenders.push(stack.use(await Contender.start(name, database)))
  const given = await database.readSource(size)
  for (const operation of operations) await assertSameAnswers(contenders, operation, given.source, given.visits)
  say('all contenders answer the same')
  const generator = stack.use(await LoadGenerator.start(given))
  const rows: string[][] = []
  const goals: Goal[] = []
  const options = { rounds, seconds: TURN_SECONDS, connections: CONNECTIONS, warmUpSeconds: bySize(size, { S: 2, M: 3, L: 4 }) }
  for (const operation of operations) {
    const turns = await takeTurns(contenders, operation, { database, generator }, options)
    for (const [name, series] of turns) {
      const cells = cellsOf(name, series, turns)
      rows.push([TITLES[operation], name, ...cells])
      say(`${TITLES[operation]}, ${name}: ${cells.join(' | ')}`)
    }
    goals.push(...goalsOf(operation, turns))
  }
  return { head: HEAD, rows, notes: notesOf(rounds), goals }
}

const HEAD = [
  'operation',
  'who',
  'req/s',
  'min–max',
  '× PostGraphile',
  '× limit',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'app CPU ms',
  'database CPU ms',
  'more CPU than PostGraphile',
  'generator CPU ms',
  'RSS MB',
]

const fixed = (value: number, digits = 2) => value.toFixed(digits)
const formatInterval = ({ mean: centre, low, high }: Interval, format: (value: number) => string) => `${format(centre)} (${format(low)}–${format(high)})`
const cpuOf = ({ node, postgres }: Turn) => node + postgres

/** Turn by turn against another one's turn of the same round; null for itself and for who does not take part. */
function paired(series: readonly Turn[], others: readonly Turn[] | undefined, ratio: (turn: Turn, other: Turn) => number): Interval | null {
  if (!others || others === series || series.length < 2) return null
  return interval95(series.map((turn, round) => ratio(turn, others[round] ?? turn)))
}

function cellsOf(name: ContenderName, series: readonly Turn[], turns: Turns): string[] {
  const rates = series.map(({ rate }) => rate)
  const middle = (key: keyof Turn) => median(series.map((turn) => turn[key]))
  const against = (other: ContenderName) => {
    const interval = name === other ? null : paired(series, turns.get(other), (turn, base) => turn.rate / base.rate)
    return interval ? formatInterval(interval, fixed) : ''
  }
  const cpu = paired(series, turns.get('postgraphile'), (turn, base) => (cpuOf(turn) / cpuOf(base) - 1) * 100)
  return [
    formatCount(median(rates)),
    `${formatCount(Math.min(...rates))}–${formatCount(Math.max(...rates))}`,
    against('postgraphile'),
    against('limit'),
    ...(['p50', 'p95', 'p99'] as const).map((key) => fixed(middle(key), 1)),
    fixed(mean(series.map(({ node }) => node)), 3),
    fixed(mean(series.map(({ postgres }) => postgres)), 3),
    cpu ? `${formatInterval(cpu, (value) => value.toFixed(0))} %` : '',
    fixed(middle('generator'), 3),
    formatCount(Math.max(...series.map(({ rss }) => rss))),
  ]
}

const GUARDS = [
  { without: 'no-audit', name: 'auditing', most: { read: 5, write: 15 } },
  { without: 'no-rls', name: 'row-level security', most: { read: 10, write: 10 } },
  { without: 'no-rbac', name: 'access control', most: { read: 5, write: 5 } },
] as const

function goalsOf(operation: OperationName, turns: Turns): Goal[] {
  const chiron = turns.get('chiron')
  if (!chiron) return []
  const kind = isWrite(operation) ? 'write' : 'read'
  const least = [
    { other: 'postgraphile', name: 'PostGraphile', times: kind === 'read' ? 1.5 : 1.25 },
    { other: 'limit', name: 'the limit', times: 0.45 },
  ] as const
  const ratios = least.flatMap(({ other, name, times }) => {
    const interval = paired(chiron, turns.get(other), (turn, base) => turn.rate / base.rate)
    return interval ? [{ text: `${TITLES[operation]}: at least ${times} × ${name} (${formatInterval(interval, fixed)})`, isMet: interval.mean >= times }] : []
  })
  const guards = GUARDS.flatMap(({ without, name, most }) => {
    const interval = paired(chiron, turns.get(without), (turn, base) => (1 - turn.rate / base.rate) * 100)
    if (!interval) return []
    return [
      {
        text: `${TITLES[operation]}: ${name} costs at most ${most[kind]} % of the requests (${formatInterval(interval, (value) => value.toFixed(1))})`,
        isMet: interval.mean <= most[kind],
      },
    ]
  })
  return [...ratios, ...guards]
}

function notesOf(rounds: number): string[] {
  return [
    `${CONNECTIONS} connections in a closed loop, ${rounds} turns of ${TURN_SECONDS} s each, in rotating order; ratios compare turns of the same round, with 95 % intervals. Processor time is per operation; the generator's is on the same machine.`,
    'Pools of ten connections each on one database. *limit*: bare node:http and pg, one prepared statement per operation. *PostGraphile* 5: registered documents, neither sign-in nor audit. *Chiron*: everything on, documents by hash, changes with an idempotency key; the sequencer does not run beside. All but Chiron sign in as a role for which every trigger but those of the trail fires.',
    'Patients that are read have about fifty visits; searches are for the first five letters of a name. Bookings and receipts of a run are taken back by the next.',
  ]
}
