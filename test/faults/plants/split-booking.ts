// A planted fault: an appointment is committed ahead of its claims. Loaded ahead of the server by the harness, and by nothing else.
import pg from 'pg'

// The transaction that follows must be the same clinic's, or it would fail for another reason.
const COMMIT_HERE = `SELECT set_config(name, current_setting(name), false) FROM unnest(ARRAY['app.org_id', 'app.clinic_ids', 'app.share_patients']) AS name;
  COMMIT; BEGIN`

const prototype: any = pg.Client.prototype
const { query } = prototype
prototype.query = function splitting(...given: any[]) {
  const answer = query.apply(this, given)
  if (given[0]?.name === 'insert_appointment') void query.call(this, COMMIT_HERE).catch((e: any) => console.error('PLANT', e.message))
  return answer
}
