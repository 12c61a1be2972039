// No statement carries a scope; the login is one that row-level security does not bind.
import { cutWhileLoading } from './guard-cuts.ts'

cutWhileLoading({
  'server/scoped-query.ts': [
    ['connection.bind({ statement: SET_SCOPE_NAME, values: settings(this.#scope) }, true)', ''],
    ["connection.execute({ portal: '' }, true)", ''],
    ['#isScoped = false', '#isScoped = true'],
    ['const begin = beginInScope(scope)', "const begin = 'BEGIN'"],
  ],
})
