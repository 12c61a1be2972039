// Plain JavaScript for Node >= 20: this runs before anything is installed, on whatever Node the machine has.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24

/** The repository's folder, whatever the working folder is. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '')

/** Prints one line of progress. */
export function say(line) {
  process.stdout.write(`${line}\n`)
}

/** Prints one line for the person at the terminal and ends with code 1: no stack, since nothing here is a bug. */
export function fail(line) {
  console.error(`chiron: ${line}`)
  process.exit(1)
}

/** Installs what package-lock.json asks for, when that has not happened since it last changed. */
export function ensureInstalled(folder = root) {
  if (isInstalled(folder)) return
  say('• Installing packages (the first time takes about a minute)')
  const begun = Date.now()
  // Development packages are part of running from a clone (types, the web client's build), whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = process.env.npm_execpath
  const outcome = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: folder, stdio: 'inherit' })
    : spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' })
  if (outcome.error) fail(`npm could not be started (${outcome.error.message}): install npm and try again.`)
  if (outcome.status !== 0) fail('Installing packages failed: read the lines above, check the network and the npm registry, then try again.')
  writeStamp(folder)
  say(`✓ Installing packages  ${((Date.now() - begun) / 1000).toFixed(1)} s`)
}

/** True when node_modules matches package-lock.json: by our stamp, or by npm's own record when npm was run by hand. */
export function isInstalled(folder) {
  const lock = join(folder, 'package-lock.json')
  if (!existsSync(join(folder, 'node_modules'))) return false
  const stamp = stampFile(folder)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOf(lock)) return true
  const record = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(record) || statSync(record).mtimeMs < statSync(lock).mtimeMs) return false
  if (existsSync(stamp) && statSync(stamp).mtimeMs > statSync(record).mtimeMs) return false
  writeStamp(folder)
  return true
}

/** Path of a Node 24: the one that npm installed here, else the running one. */
export function findNode(folder = root, running = { version: process.versions.node, path: process.execPath }) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  const local = join(folder, 'node_modules', `node-${platform}-${process.arch}`, 'bin', name)
  if (existsSync(local) && majorOf(local) === NODE_MAJOR) return local
  if (Number(running.version.split('.')[0]) === NODE_MAJOR) return running.path
  return fail(
    `Node ${NODE_MAJOR} for ${process.platform}-${process.arch} is not in node_modules and this is Node ${running.version}: install Node ${NODE_MAJOR} and try again.`,
  )
}

/**
 * Runs server/main.ts on Node 24 with these arguments and ends with its exit code. This process outlives the child, so
 * that the terminal gets its prompt back only when everything has stopped.
 */
export function runChiron(args) {
  runProgram(join('server', 'main.ts'), args)
}

/** The same for another program of this repository, named from its root. */
export function runProgram(file, args) {
  ensureInstalled()
  const child = spawn(findNode(), [...nodeFlags(), join(root, file), ...args], {
    // The extra channel tells the child when this process has been killed; see watchParent in server/cli/signals.ts.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  child.on('error', (error) => fail(`Node ${NODE_MAJOR} could not be started: ${error.message}`))
  // Ctrl-C reaches the child by itself, a plain `kill` does not: the child takes two signals within a second for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

/** Young objects die young: a small nursery costs no speed and saves the server a hundred megabytes under load. */
function nodeFlags() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).chiron?.nodeFlags ?? []
}

function majorOf(node) {
  const outcome = spawnSync(node, ['--version'], { encoding: 'utf8' })
  return Number(/^v(\d+)\./.exec(outcome.stdout ?? '')?.[1])
}

function stampFile(folder) {
  return join(folder, 'node_modules', '.chiron', 'installed')
}

function writeStamp(folder) {
  mkdirSync(join(folder, 'node_modules', '.chiron'), { recursive: true })
  writeFileSync(stampFile(folder), hashOf(join(folder, 'package-lock.json')))
}

function hashOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}
