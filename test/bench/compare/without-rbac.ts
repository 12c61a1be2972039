// Nobody asks whether the caller may: neither shield nor the walk over an operation's coordinates. Who the caller is stays known.
import { cutWhileLoading } from './guard-cuts.ts'

cutWhileLoading({
  'schema/index.ts': [['lean: applyMiddleware(schema, roots),', 'lean: schema,']],
  'server/graphql-pipeline.ts': [
    ['if (rows.some((row) => row && !allows(row.allow, record.actor))) setExecuteFn((original) => execute({ ...original, schema: full }))', ''],
  ],
})
