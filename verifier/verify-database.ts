// Verifies the trail of a running database: the online half of `chiron audit verify`. Imports pg and the verifier, nothing of the server.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { formatReport, VerifierError, verify } from './chiron-verify.mjs'
import { openDatabase } from './database-source.ts'

const EVERY_MS = 500

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    database: { type: 'string' },
    key: { type: 'string' },
    checkpoint: { type: 'string', multiple: true, default: [] },
    witness: { type: 'string', multiple: true, default: [] },
    // Old checkpoints of this host: used when it is there.
    'anchor-file': { type: 'string' },
    lang: { type: 'string', default: /^es/i.test(process.env.LC_ALL || process.env.LANG || '') ? 'es' : 'en' },
    // One JSON object a line: { progress }, and { report } last.
    json: { type: 'boolean', default: false },
  },
})

const readKey = async (text: string) => (/^[^+\s]+\+[0-9a-f]{8}\+/.test(text) ? text : (await readFile(text, 'utf8')).trim())

/** The key that the database itself names, as text: it shows that the trail agrees with itself, and no more. */
function ownKey(installation: string, publicKey: Buffer | null): string | null {
  if (publicKey === null) return null
  const name = `chiron/${installation}/spine`
  const typed = Buffer.concat([Buffer.of(1), publicKey])
  const id = createHash('sha256').update(`${name}\n`).update(typed).digest('hex').slice(0, 8)
  return `${name}+${id}+${typed.toString('base64')}`
}

async function run(): Promise<number> {
  const language = values.lang === 'es' ? 'es' : 'en'
  const url = values.database ?? process.env.CHIRON_VERIFY_DATABASE
  if (!url) throw new VerifierError('give the address of a database: --database postgresql://…')
  const client = new pg.Client({ connectionString: url, application_name: 'chiron verify' })
  await client.connect()
  // A verification of years takes longer than any operation may.
  await client.query('SET transaction_timeout = 0; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0')
  const source = await openDatabase(client)
  try {
    const anchors = values['anchor-file'] ? await readFile(values['anchor-file'], 'utf8').catch(() => null) : null
    const files = await Promise.all(values.checkpoint.map((path) => readFile(path, 'utf8')))
    const key = values.key ? await readKey(values.key) : ownKey(source.installation, source.publicKey)
    if (key === null) throw new VerifierError('nothing is signed yet: start Chiron once')
    const { rows } = await client.query<{ total: string }>('SELECT coalesce(sum(size), 0) AS total FROM audit.tree WHERE log > 0 AND dropped_at IS NULL')
    const total = Number(rows[0]?.total ?? 0)
    let next = 0
    const result = await verify(source, {
      key,
      checkpoints: anchors === null ? files : [...files, anchors],
      witnesses: await Promise.all(values.witness.map(readKey)),
      onProgress: ({ entries, log }) => {
        if (performance.now() < next) return
        next = performance.now() + EVERY_MS
        if (values.json) process.stdout.write(`${JSON.stringify({ progress: { checked: entries, total } })}\n`)
        else if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${entries} / ${total}  ${log}`)
      },
    })
    if (process.stderr.isTTY && !values.json) process.stderr.write('\r\x1b[K')
    if (values.json) process.stdout.write(`${JSON.stringify({ progress: { checked: result.counts.entries, total } })}\n${JSON.stringify({ report: result })}\n`)
    else process.stdout.write(formatReport(result, language))
    return result.ok ? 0 : 1
  } finally {
    await source.close().catch(() => {})
    await client.end().catch(() => {})
  }
}

process.exitCode = await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof VerifierError ? error.message : error instanceof Error ? error.stack : error}\n`)
  return 2
})
