export type Sample = { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

/** Figures as a scrape saw them. */
export class Exposed {
  readonly samples: readonly Sample[]

  constructor(samples: readonly Sample[]) {
    this.samples = samples
  }

  find(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    return this.samples.filter((sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
  }

  /** Over all series that have these labels; 0 for none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.find(name, labels).reduce((sum, { value }) => sum + value, 0)
  }
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/y

/**
 * Reads Prometheus' text format (version 0.0.4) as strictly as its own parser: throws for a line that is none, for a sample whose family has no
 * type, for a series that comes twice, and for a histogram whose buckets fall or whose last one is not its count.
 */
export function parseExposition(text: string): Exposed {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const types = new Map<string, string>()
  const seen = new Set<string>()
  const samples: Sample[] = []
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [, type, family = '', kind = ''] = /^# (TYPE|HELP) (\S+) (.*)$/.exec(line) ?? []
    if (type === 'TYPE' && types.has(family)) throw new Error(`${family} has two types`)
    if (type === 'TYPE') types.set(family, kind)
    if (line.startsWith('#')) continue
    const sample = parseSample(line)
    if (!types.has(sample.name) && types.get(sample.name.replace(/_(bucket|sum|count)$/, '')) === undefined) throw new Error(`${line} has no type`)
    const key = line.slice(0, line.lastIndexOf(' '))
    if (seen.has(key)) throw new Error(`${key} comes twice`)
    seen.add(key)
    samples.push(sample)
  }
  const exposed = new Exposed(samples)
  for (const [family, type] of types) if (type === 'histogram') checkHistogram(exposed, family)
  return exposed
}

function parseSample(line: string): Sample {
  const [, name, inner = '', text = ''] = SAMPLE.exec(line) ?? []
  const value = /^nan$/i.test(text) ? Number.NaN : text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)
  if (name === undefined || (Number.isNaN(value) && !/^nan$/i.test(text))) throw new Error(`no sample: ${line}`)
  const labels: Record<string, string> = {}
  LABEL.lastIndex = 0
  while (LABEL.lastIndex < inner.length) {
    const [, label, raw = ''] = LABEL.exec(inner) ?? []
    if (label === undefined) throw new Error(`no labels: ${line}`)
    labels[label] = raw.replaceAll(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped))
  }
  return { name, labels, value }
}

function checkHistogram(exposed: Exposed, family: string): void {
  const series = Map.groupBy(exposed.find(`${family}_bucket`), ({ labels: { le: _bound, ...labels } }) => JSON.stringify(labels))
  for (const [key, buckets] of series) {
    const labels: Record<string, string> = JSON.parse(key)
    const values = buckets.map(({ value }) => value)
    if (values.some((value, index) => value < (values[index - 1] ?? 0))) throw new Error(`buckets of ${family} ${key} fall`)
    if (buckets.at(-1)?.labels.le !== '+Inf') throw new Error(`${family} ${key} has no last bucket`)
    if (values.at(-1) !== exposed.sum(`${family}_count`, labels)) throw new Error(`${family} ${key} counts something else`)
  }
}
