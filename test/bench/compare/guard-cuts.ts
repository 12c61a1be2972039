import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { assertBenchmark } from '../cut-audit.ts'

/** Lines of the product by file, and what stands there instead in the benchmark that says what a guard costs. */
export type Cuts = Readonly<Record<string, readonly (readonly [line: string, instead: string])[]>>

/** Replaces lines of the source as it is loaded. The product has no switch for its guards, and this refuses to run anywhere but in the benchmark. */
export function cutWhileLoading(cuts: Cuts): void {
  assertBenchmark(process.env)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      const file = Object.keys(cuts).find((name) => url.endsWith(`/${name}`))
      if (file === undefined) return loaded
      return { ...loaded, source: cut(file, readFileSync(new URL(url), 'utf8'), cuts[file] ?? []) }
    },
  })
}

// A line that is not there any more is an error: the comparison would be of nothing.
function cut(file: string, source: string, lines: Cuts[string] = []): string {
  return lines.reduce((text, [line, instead]) => {
    if (text.split(line).length !== 2) throw new Error(`${file} does not hold this line once, so that it cannot be taken out: ${line}`)
    return text.replace(line, () => instead)
  }, source)
}
