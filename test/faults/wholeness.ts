import { withClient } from '../../server/database/connection.ts'
import { checkReconciliation, type Line } from './audit-checks.ts'
import { mustBeZero } from './fault.ts'
import type { Lab } from './lab.ts'

/** Rows that only ever come and go together. Each statement counts those that stand alone. */
const HALVES: Readonly<Record<string, string>> = {
  'appointments without their claims': `SELECT count(*) AS n FROM appointment a WHERE a.status NOT IN ('cancelled', 'no_show')
     AND (SELECT count(*) FROM resource_claim c WHERE c.appointment_id = a.id) <> 1 + (a.room_id IS NOT NULL)::int + cardinality(a.equipment_ids)`,
  'claims without their appointment': `SELECT count(*) AS n FROM resource_claim c LEFT JOIN appointment a ON a.id = c.appointment_id
     WHERE c.hold_id IS NULL AND (a.id IS NULL OR a.status IN ('cancelled', 'no_show'))`,
  'claims that overlap': `SELECT count(*) AS n FROM resource_claim a JOIN resource_claim b
     ON a.resource_id = b.resource_id AND a.lane = b.lane AND a.during && b.during AND a.id < b.id`,
  'lots that are not the sum of their movements': `SELECT count(*) AS n FROM lot l
     WHERE l.on_hand <> (SELECT coalesce(sum(m.quantity), 0) FROM stock_movement m WHERE m.lot_id = l.id)`,
  'shelves that are not the sum of their movements': `SELECT count(*) AS n FROM stock_level s
     WHERE s.on_hand <> (SELECT coalesce(sum(m.quantity), 0) FROM stock_movement m WHERE m.clinic_id = s.clinic_id AND m.product_id = s.product_id)`,
  'negative lots and shelves': 'SELECT (SELECT count(*) FROM lot WHERE on_hand < 0) + (SELECT count(*) FROM stock_level WHERE on_hand < 0) AS n',
  'invoices without their lines, or with another total': `SELECT count(*) AS n FROM invoice i
     WHERE i.total_minor <> (SELECT coalesce(sum(l.total_minor), -1) FROM invoice_line l WHERE l.invoice_id = i.id)`,
  'invoiced products that did not leave the stock': `SELECT count(*) AS n FROM invoice_line l
     WHERE l.product_id IS NOT NULL AND -l.quantity <> (SELECT coalesce(sum(m.quantity), 0) FROM stock_movement m WHERE m.invoice_line_id = l.id)`,
  'keys without a result': "SELECT count(*) AS n FROM idempotency_key WHERE result = 'null'",
}

/** Looks for half writes in the whole database, and for changes without an entry and entries without a change. */
export function checkWholeness({ cluster }: Lab): Promise<Line[]> {
  return withClient(cluster.urls.adminUrl, async (admin) => {
    const lines: Line[] = []
    for (const [label, statement] of Object.entries(HALVES)) {
      const { rows } = await admin.query<{ n: string }>(statement)
      lines.push(mustBeZero(label, Number(rows[0]?.n ?? Number.NaN)))
    }
    return [...lines, ...(await checkReconciliation(admin))]
  })
}
