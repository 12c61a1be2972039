// Takes auditing out of the pipeline, for the benchmark that says what it costs. The product itself has no switch for this: loaded with
// --import, this replaces lines of the source as it is read, and it refuses to be loaded anywhere but in the benchmark.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { assertBenchmark, cutAudit } from './cut-audit.ts'

assertBenchmark(process.env)
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    const source = cutAudit(url, () => readFileSync(new URL(url), 'utf8'))
    return source === null ? loaded : { ...loaded, source }
  },
})
