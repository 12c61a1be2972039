// Finds programs that tests need beside the npm packages, and installs them as root on Debian.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fail, say } from './launch.mjs'

/**
 * Path of a program: the one that the environment names, else one of `names` on the PATH or in `folder`, else what is installed now from
 * Debian. Ends with one clear line when there is none and it cannot be installed.
 * @param {{ label: string, variable: string, names: string[], folder: string, packages: string[], purpose: string }} wanted
 */
export function ensureProgram({ label, variable, names, folder, packages, purpose }) {
  const given = process.env[variable]
  if (given) return isExecutable(given) ? given : fail(`${variable}=${given} is not a program: correct it or unset it.`)
  const find = () => findProgram(names, folder)
  const found = find()
  if (found !== null) return found
  if (process.getuid?.() !== 0 || !hasApt())
    fail(`${purpose} need ${label}: install it (Debian: apt-get install ${packages[0]}), or set ${variable} to its path.`)
  say(`  installing ${label} from the Debian packages`)
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const outcome = spawnSync('apt-get', args, {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (outcome.status !== 0) fail(`apt-get ${args[0]} failed (${lastLine(outcome.stderr)}): install ${label} by hand, or set ${variable} to its path.`)
  }
  return find() ?? fail(`${label} was installed but is not on the PATH: set ${variable} to its path.`)
}

function findProgram(names, folder) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), folder]
  return folders.flatMap((place) => names.map((name) => join(place, name))).find(isExecutable) ?? null
}

function hasApt() {
  return spawnSync('apt-get', ['--version']).status === 0
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function lastLine(text) {
  return (text ?? '').trim().split('\n').at(-1) ?? ''
}
