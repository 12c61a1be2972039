// PostGraphile 5 as it is run in production: no GraphiQL, no explain, prepared statements, registered documents. Neither sign-in nor audit.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { PersistedPlugin } from '@grafserv/persisted'
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'

import { DOCUMENTS } from './postgraphile-documents.mjs'

const { DATABASE_URL: connectionString } = process.env
const documents = Object.fromEntries(Object.values(DOCUMENTS).map((document) => [createHash('sha256').update(document).digest('hex'), document]))

/** @type {GraphileConfig.Preset} */
const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset],
  plugins: [PersistedPlugin],
  // Its rule that only the first column of an index may order would hide orders that our indexes serve.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({ connectionString, schemas: ['public', 'bench'], poolConfig: { max: 10 }, pubsub: false })],
  grafserv: {
    graphqlPath: '/graphql',
    graphiql: false,
    watch: false,
    websockets: false,
    maxRequestLength: 1_000_000,
    persistedOperations: documents,
  },
  grafast: { explain: false },
}

const instance = postgraphile(preset)
const server = createServer()
server.on('error', (error) => {
  console.error(error)
  process.exit(1)
})
await instance.createServ(grafserv).addTo(server)
server.listen(0, '127.0.0.1', () => process.send?.({ url: `http://127.0.0.1:${server.address().port}` }))
process.once('disconnect', () => process.exit(0))
