import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
// npm that came with the Node that runs this, else the one on the path.
const BUNDLED = join(dirname(process.execPath), 'npm')

/** What Chiron is compared with is no part of its own installation: it comes when it is first needed. */
export async function installContenders(say: (line: string) => void): Promise<void> {
  if (existsSync(join(FOLDER, 'node_modules', 'postgraphile', 'package.json'))) return
  say('installing what Chiron is compared with')
  const child = spawn(existsSync(BUNDLED) ? BUNDLED : 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code]: unknown[] = await once(child, 'exit')
  if (code !== 0) throw new Error(`npm ci in ${FOLDER} ended with ${code}`)
}
