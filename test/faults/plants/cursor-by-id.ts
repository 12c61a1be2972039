// A planted fault: the sequencer follows the ids of entries. Loaded ahead of its process by the harness, and by nothing else.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const isTarget = resolved.url.endsWith('/server/audit/sequencer/integrate.ts')
    return isTarget ? { ...resolved, url: new URL('./integrate-by-id.ts', import.meta.url).href } : resolved
  },
})
