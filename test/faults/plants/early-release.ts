// A planted fault: answers leave before their entries are durable. Loaded ahead of the server by the harness, and by nothing else.
import { setTimeout as sleep } from 'node:timers/promises'
import { AuditWriter } from '../../../server/audit/writer.ts'

const { record } = AuditWriter.prototype
AuditWriter.prototype.record = async function early(rows) {
  void sleep(250)
    .then(() => record.call(this, rows))
    .catch(() => {})
}
