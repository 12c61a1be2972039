// A planted fault: a key is committed ahead of its effect. Loaded ahead of the server by the harness, and by nothing else.
// Visits without claims and invoices without lines are refused by the database itself when it commits, so that no plant can make them.
import pg from 'pg'

// The transaction that follows must be the same clinic's, or it would fail for another reason.
const COMMIT_HERE = `SELECT set_config(name, current_setting(name), false) FROM unnest(ARRAY['app.org_id', 'app.clinic_ids', 'app.share_patients']) AS name;
  COMMIT; BEGIN`

const prototype: any = pg.Client.prototype
const { query } = prototype
prototype.query = function splitting(...given: any[]) {
  const answer = query.apply(this, given)
  if (given[0]?.statements?.includes('claim_idempotency_key')) void query.call(this, COMMIT_HERE).catch(() => {})
  return answer
}
