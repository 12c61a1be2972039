// What nobody can beat on this database and driver: no GraphQL, no sign-in, no guards; one prepared statement per request, whose text is the answer.
import { createServer } from 'node:http'
import pg from 'pg'
import { LIMIT_STATEMENTS } from './limit-statements.ts'
import { isOperationName } from './operations.ts'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const HEADERS = { 'content-type': 'application/json' }

const server = createServer((request, response) => {
  const name = (request.url ?? '').slice(1)
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (!isOperationName(name)) return response.writeHead(404).end()
    const { text, values } = LIMIT_STATEMENTS[name]
    const input: Record<string, unknown> = JSON.parse(Buffer.concat(chunks).toString())
    pool.query<{ json: string }>({ name, text, values: values.map((key) => input[key]) }).then(
      ({ rows }) => {
        const body = Buffer.from(rows[0]?.json ?? 'null')
        response.writeHead(200, { ...HEADERS, 'content-length': body.length }).end(body)
      },
      (error: Error) => response.writeHead(500, HEADERS).end(JSON.stringify({ errors: [error.message] })),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.({ url: `http://127.0.0.1:${address?.port}` })
})
process.once('disconnect', () => process.exit(0))
