import type pg from 'pg'
import { z } from 'zod'
import { withClient } from '../../../server/database/connection.ts'
import type { BenchDatabase } from './bench-database.ts'

type Node = { readonly 'Node Type': string; readonly 'Relation Name'?: string | undefined; readonly Plans?: readonly Node[] | undefined }
const nodeSchema: z.ZodType<Node> = z.lazy(() =>
  z.object({ 'Node Type': z.string(), 'Relation Name': z.string().optional(), Plans: z.array(nodeSchema).optional() }),
)
const plansSchema = z.array(z.object({ Plan: nodeSchema }))

/**
 * Tables that the plans of these statements read from end to end, for the application's own role inside a tenant's scope: the plan that a
 * prepared statement gets without knowing its values, which is the one that the application asks for.
 */
export async function explainScans(database: BenchDatabase, statements: readonly string[]): Promise<Set<string>> {
  const scanned = new Set<string>()
  await withClient(database.appUrl, async (client) => {
    const { organisationId, clinicIds } = database.world
    await client.query("SELECT set_config('app.org_id', $1, false), set_config('app.clinic_ids', $2, false), set_config('app.share_patients', 'on', false)", [
      organisationId,
      `{${clinicIds[0]}}`,
    ])
    for (const statement of statements) for (const { Plan } of await explain(client, statement)) collect(Plan, scanned)
  })
  return scanned
}

async function explain(client: pg.ClientBase, statement: string): Promise<z.infer<typeof plansSchema>> {
  const { rows } = await client.query<{ 'QUERY PLAN': unknown }>(`EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${statement}`)
  return rows.flatMap((row) => plansSchema.parse(row['QUERY PLAN']))
}

function collect(node: Node, scanned: Set<string>): void {
  const table = node['Relation Name']
  if (node['Node Type'] === 'Seq Scan' && table !== undefined) scanned.add(table)
  for (const child of node.Plans ?? []) collect(child, scanned)
}
