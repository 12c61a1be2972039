import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { assertBenchmark } from '../cut-audit.ts'

/** Lines of the product by file, and what stands there instead in the benchmark that says what a guard costs. */
export type Cuts = Readonly<Record<string, readonly (readonly [line: string, instead: string])[]>>

/** Nobody asks whether the caller may: neither shield nor the walk over an operation's coordinates. Who the caller is stays known. */
export const RBAC_CUTS: Cuts = {
  'schema/index.ts': [['lean: bareFields(applyMiddleware(schema, roots), schema),', 'lean: bareFields(schema, schema),']],
  'server/registered-operations.ts': [[' || !registered.rows.every(({ allow }) => allows(allow, record.actor))', '']],
  'server/graphql-pipeline.ts': [['if (!allows(row.allow, record.actor)) denied.add(coordinate)', '']],
}

/** No statement carries a scope. */
export const RLS_CUTS: Cuts = {
  'server/scoped-query.ts': [["= [{ name: 'chiron_scope', text: SET_SCOPE, values: scopeSettings(this.#scope) }]", '= []']],
  'server/scoped-transaction.ts': [['? [BEGIN, scope] : [BEGIN, scope, this.#check.statement()]', '? [BEGIN] : [BEGIN, this.#check.statement()]']],
}

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

/** The source without those lines. Throws when one is not there exactly once: the comparison would be of nothing. */
export function cut(file: string, source: string, lines: Cuts[string] = []): string {
  return lines.reduce((text, [line, instead]) => {
    if (text.split(line).length !== 2) throw new Error(`${file} does not hold this line once, so that it cannot be taken out: ${line}`)
    return text.replace(line, () => instead)
  }, source)
}
