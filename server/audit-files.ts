import { readFile } from 'node:fs/promises'
import type { Database } from './db.ts'
import type { Answer, Exchange } from './http.ts'

const VERIFIER = new URL('../verifier/chiron-verify.mjs', import.meta.url)
const CHECKPOINTS = 1_000
const KEPT_MS = 10_000

export type AuditFiles = (exchange: Exchange) => Promise<Answer | null>

/**
 * What an inspector takes along, open to everybody: the offline verifier, and the newest checkpoints of the spine with what witnesses
 * added. Checkpoints are hashes and sizes, made to be spread; they are read at most every ten seconds, whoever asks.
 */
export function createAuditFiles(database: Database): AuditFiles {
  let kept: { readonly until: number; readonly text: Promise<string> } | null = null
  return async ({ request, url }) => {
    if (!url.pathname.startsWith('/audit/') || request.method !== 'GET') return null
    if (url.pathname === '/audit/chiron-verify.mjs') return download('chiron-verify.mjs', 'text/javascript; charset=utf-8', await readFile(VERIFIER))
    if (url.pathname !== '/audit/checkpoints.txt') return null
    const now = performance.now()
    if (kept === null || kept.until < now) kept = { until: now + KEPT_MS, text: readCheckpoints(database) }
    try {
      return download('checkpoints.txt', 'text/plain; charset=utf-8', await kept.text)
    } catch (error) {
      kept = null
      throw error
    }
  }
}

async function readCheckpoints({ auditorPool }: Database): Promise<string> {
  const { rows } = await auditorPool.query<{ note: string }>({
    name: 'audit_checkpoints_file',
    text: `SELECT note FROM (
        SELECT c.size, c.note || coalesce((SELECT string_agg(s.line, '' ORDER BY s.witness) FROM audit.cosignature s WHERE s.size = c.size), '') AS note
        FROM audit.checkpoint c WHERE c.log = 0 ORDER BY c.size DESC LIMIT ${CHECKPOINTS}
      ) newest ORDER BY size`,
  })
  return rows.map(({ note }) => `${note}====\n`).join('')
}

function download(name: string, type: string, body: string | Uint8Array): Answer {
  return { status: 200, headers: { 'Content-Type': type, 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'no-cache' }, body }
}
