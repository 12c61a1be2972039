import { OPERATIONS } from './cost-documents.ts'
import { VARIANTS, Variant, type VariantName } from './cost-variant.ts'
import { buildCostWorld, type CostWorld, slotAt } from './cost-world.ts'
import { bySize, type Measure } from './measure.ts'
import { interval95, mean } from './statistics.ts'

type Operation = {
  readonly name: string
  readonly document: string
  readonly goalPercent: number
  readonly perRound: number
  /** Requests at a time: entries of reads that wait together share a commit. */
  readonly concurrency: number
  /** Reads have no triggers: two builds are enough. */
  readonly variants: readonly VariantName[]
  /** Variables of the `index`-th call of a variant. */
  readonly variables: (world: CostWorld, index: number) => object
}

const BOOKING_MONDAY = '2028-01-03'

const readPatient = {
  name: 'read a patient record',
  document: OPERATIONS.patient,
  goalPercent: 5,
  perRound: 320,
  variants: ['off', 'full'],
  variables: ({ patientIds }: CostWorld, index: number) => ({ id: patientIds[index % patientIds.length] }),
} as const
const readDay = {
  name: 'read a day of 24 visits',
  document: OPERATIONS.day,
  goalPercent: 5,
  perRound: 160,
  variants: ['off', 'full'],
  variables: ({ day }: CostWorld) => ({ date: day }),
} as const

const OPERATIONS_COMPARED: readonly Operation[] = [
  { ...readPatient, concurrency: 4 },
  { ...readPatient, concurrency: 32 },
  { ...readDay, concurrency: 4 },
  { ...readDay, concurrency: 32 },
  {
    name: 'book a visit',
    document: OPERATIONS.book,
    goalPercent: 15,
    perRound: 100,
    concurrency: 4,
    variants: VARIANTS,
    variables: ({ patientIds, practice: { typeId, staffId, otherStaffId, roomId, otherRoomId } }, index) => ({
      input: {
        patientId: patientIds[index % patientIds.length],
        typeId,
        ...(index % 2 === 0 ? { staffId, roomId } : { staffId: otherStaffId, roomId: otherRoomId }),
        startsAt: slotAt(BOOKING_MONDAY, Math.floor(index / 2)),
      },
    }),
  },
  {
    name: 'receive stock',
    document: OPERATIONS.receive,
    goalPercent: 15,
    perRound: 150,
    concurrency: 4,
    variants: VARIANTS,
    variables: ({ productId }) => ({ input: { productId, quantity: '1' } }),
  },
]

type Round = Readonly<Record<'node' | 'postgres', number>>
type Series = ReadonlyMap<VariantName, readonly Round[]>

/** Processor time per operation of the app and its database connections, with auditing and without, in rounds that take turns. */
export const cost: Measure = {
  name: 'cost',
  title: 'What auditing costs',
  async run({ size, cluster, say }) {
    const rounds = bySize(size, { S: 4, M: 20, L: 30 })
    const world = await buildCostWorld(cluster)
    await using stack = new AsyncDisposableStack()
    const variants = new Map<VariantName, Variant>()
    for (const name of VARIANTS) variants.set(name, stack.use(await Variant.start(name, cluster, world.email)))
    const rows: string[][] = []
    const goals = []
    for (const operation of OPERATIONS_COMPARED) {
      const series = await measureOperation(operation, variants, world, rounds)
      for (const name of operation.variants.filter((variant) => variant !== 'off')) {
        const compared = compare(series, name)
        rows.push([operation.name, String(operation.concurrency), LABELS[name], ...compared.cells])
        say(`${operation.name}, ${operation.concurrency} at a time, ${LABELS[name]}: ${compared.cells.join(', ')}`)
        if (name === 'full')
          goals.push({
            text: `${operation.name}, ${operation.concurrency} at a time: at most ${operation.goalPercent} % (${compared.percent.mean.toFixed(1)} %)`,
            isMet: compared.percent.mean <= operation.goalPercent,
          })
      }
    }
    return {
      head: ['operation', 'at a time', 'with', 'ms without', 'ms with', 'app', 'database', 'more (95 % interval)'],
      rows,
      notes: [
        `Processor time per operation, ${rounds} pairs of short rounds in turns, documents by hash; without: the same code with its lines of auditing taken out as it is loaded, on a database whose triggers are disabled. The sequencer does not run.`,
      ],
      goals,
    }
  },
}

const LABELS: Readonly<Record<VariantName, string>> = { off: 'nothing', pipeline: 'entries', full: 'entries and row triggers' }

async function measureOperation(operation: Operation, variants: ReadonlyMap<VariantName, Variant>, world: CostWorld, rounds: number): Promise<Series> {
  const next = new Map<VariantName, number>()
  const series = new Map<VariantName, Round[]>(operation.variants.map((name) => [name, []]))
  const warmUp = 6
  for (let round = -warmUp; round < rounds; round += 1) {
    // Whoever comes first has the caches of the one before: each comes first as often as the others.
    const shift = (round + warmUp) % operation.variants.length
    for (const name of [...operation.variants.slice(shift), ...operation.variants.slice(0, shift)]) {
      const variant = variants.get(name)
      if (!variant) throw new Error(`${name} does not run`)
      const from = next.get(name) ?? 0
      next.set(name, from + operation.perRound)
      const { node, postgres } = await variant.cpuMsOf(() => sendMany(variant, operation, world, from))
      if (round >= 0) series.get(name)?.push({ node: node / operation.perRound, postgres: postgres / operation.perRound })
    }
  }
  return series
}

async function sendMany(variant: Variant, { document, variables, perRound, concurrency }: Operation, world: CostWorld, from: number): Promise<void> {
  let index = from
  const send = async () => {
    while (index < from + perRound) {
      const own = index
      index += 1
      await variant.send(document, variables(world, own))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, send))
}

function compare(series: Series, name: VariantName) {
  const [without, withAudit] = [series.get('off') ?? [], series.get(name) ?? []]
  const total = ({ node, postgres }: Round) => node + postgres
  const base = mean(without.map(total))
  const differences = withAudit.map((round, index) => total(round) - total(without[index] ?? round))
  const difference = interval95(differences)
  const percent = { mean: (difference.mean / base) * 100, low: (difference.low / base) * 100, high: (difference.high / base) * 100 }
  const part = (key: keyof Round) => mean(withAudit.map((round) => round[key])) - mean(without.map((round) => round[key]))
  const signed = (ms: number) => `${ms >= 0 ? '+' : '−'}${Math.abs(ms).toFixed(3)}`
  return {
    percent,
    cells: [
      base.toFixed(3),
      (base + difference.mean).toFixed(3),
      signed(part('node')),
      signed(part('postgres')),
      `${percent.mean.toFixed(1)} % (${percent.low.toFixed(1)} to ${percent.high.toFixed(1)})`,
    ],
  }
}
