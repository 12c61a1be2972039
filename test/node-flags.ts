import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** What the launcher gives to Node: who measures the server starts it in the same way. */
export const NODE_FLAGS: readonly string[] = z
  .object({ chiron: z.object({ nodeFlags: z.array(z.string()) }) })
  .parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).chiron.nodeFlags
