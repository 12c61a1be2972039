import { it } from 'vitest'
import { startHarness } from './harness.ts'
import { loadDemo } from '../demo/load-demo.ts'
it('loads', async () => {
  await using harness = await startHarness()
  const begun = performance.now()
  let n = 0
  harness.app.database.onStatement = () => void (n += 1)
  await loadDemo(harness.app, (text) => console.log(text, ((performance.now() - begun) / 1000).toFixed(1)))
  console.log('statements', n)
  const rows = await harness.app.database.pool.query('select 1')
  const { withClient } = await import('../server/database/connection.ts')
  await withClient(harness.database.adminUrl, async (c) => {
    for (const t of ['client','patient','appointment','invoice','invoice_line','payment','clinical_note','stock_movement','audit.entry']) console.log(t, (await c.query(`select count(*) from ${t}`)).rows[0].count)
  })
}, 300_000)
