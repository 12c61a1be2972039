// Verifies the trail of a running database: the online half of `chiron audit verify`. Imports pg and the verifier, nothing of the server.
import { createHash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { exitCodeOf, formatReport, readNotes, VerifierError, verify } from './chiron-verify.mjs'
import { openDatabase } from './database-source.ts'

const EVERY_MS = 500

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    database: { type: 'string' },
    key: { type: 'string' },
    checkpoint: { type: 'string', multiple: true, default: [] },
    witness: { type: 'string', multiple: true, default: [] },
    // Checkpoints of this host. That there is none yet is remarked, unless the database knows better.
    'anchor-file': { type: 'string' },
    // A login that sees a part of the trail is meant to.
    partial: { type: 'boolean', default: false },
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

/** The notes of the anchor file, and how far the database says that it goes. Throws when there is a file that cannot be read. */
async function openAnchor(client: pg.Client, path: string) {
  const { rows } = await client.query<{ size: string }>("SELECT coalesce(max(size), 0) AS size FROM audit.anchor WHERE kind = 'file'")
  const isThere = await open(path).then(
    (file) => file.close().then(() => true),
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    },
  )
  return { notes: isThere ? readNotes(path) : null, size: Number(rows[0]?.size ?? 0) }
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
    const anchor = values['anchor-file'] ? await openAnchor(client, values['anchor-file']) : null
    const files = await Promise.all(values.checkpoint.map((path) => readFile(path, 'utf8')))
    const key = values.key ? await readKey(values.key) : ownKey(source.installation, source.publicKey)
    if (key === null) throw new VerifierError('nothing is signed yet: start Chiron once')
    const { rows } = await client.query<{ total: string }>('SELECT coalesce(sum(size), 0) AS total FROM audit.tree WHERE log > 0 AND dropped_at IS NULL')
    const total = Number(rows[0]?.total ?? 0)
    let next = 0
    const result = await verify(source, {
      key,
      checkpoints: files,
      ...(anchor ? { anchor } : {}),
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
    return exitCodeOf(result, values.partial)
  } finally {
    void source.close().catch(() => {})
  }
}

const code = await run().catch((error: unknown) => {
  process.stderr.write(`${error instanceof VerifierError ? error.message : error instanceof Error ? error.stack : error}\n`)
  return 2
})
// Once the report is out there is nothing to wait for: the connection ends with the process.
process.stdout.write('', () => process.exit(code))
