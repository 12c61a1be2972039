import { type ExportFormatter, toClinicTime } from './format.ts'

/**
 * One JSON object a line. `body` is the entry exactly as it was hashed, as text: SHA-256 of a zero byte and its UTF-8 bytes is
 * the leaf in the clinic's log. The other members are the erasable copy for people.
 */
export const writeJsonLines: ExportFormatter = async function* (pages, { timeZone }) {
  for await (const page of pages) {
    const lines = page.map(
      (row) =>
        `${JSON.stringify({
          entry: row.id,
          at: row.atText,
          localTime: toClinicTime(row.atText, timeZone),
          user: row.userName,
          userId: row.userId,
          roles: row.roles,
          action: row.action,
          operation: row.operation,
          origin: row.origin,
          outcome: row.outcome,
          detail: row.detail,
          classes: row.classes,
          types: row.types,
          recordIds: row.recordIds,
          labels: row.labels,
          reads: row.reads,
          changes: row.changes,
          aggregates: row.aggregates,
          address: row.address,
          userAgent: row.userAgent,
          session: row.sessionId,
          request: row.requestId,
          reason: row.reason,
          body: row.body,
        })}\n`,
    )
    yield lines.join('')
  }
}
