import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = new URL('../../', import.meta.url)

/** Starts the server once for the run and tells the workers where it is; one that is named already is used as it is. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.CHIRON_E2E) return
  assertReady()
  const entry = fileURLToPath(new URL('test/e2e/server.ts', ROOT))
  // Playwright's own loader must not reach the child.
  const { NODE_OPTIONS: _loader, ...env } = process.env
  const child = spawn(process.execPath, [entry], { cwd: fileURLToPath(ROOT), env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  const started: unknown = await Promise.race([
    once(child, 'message').then(([message]) => message),
    exited.then(([code]) => {
      throw new Error(`The server of the browser tests ended with ${code} before it served: see the lines above.`)
    }),
  ])
  process.env.CHIRON_E2E = JSON.stringify(started)
  return async () => {
    if (child.connected) child.disconnect()
    const [code] = await exited
    if (code !== 0) throw new Error(`The server of the browser tests ended with ${code}: see the lines above.`)
  }
}

function assertReady(): void {
  if (Number(process.versions.node.split('.')[0]) < 24) throw new Error(`Browser tests need Node 24, and this is ${process.version}: run npm test.`)
  for (const file of ['dist/web/index.html', 'web/gql/persisted-documents.json'])
    if (!existsSync(new URL(file, ROOT))) throw new Error(`${file} is missing: build first with node bin/chiron.mjs build.`)
}
