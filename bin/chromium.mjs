// Finds, or as root on Debian installs, the browser of the browser tests.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fail, say } from './launch.mjs'

// Without fonts of its own a bare server draws boxes instead of letters.
const PACKAGES = ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji']

/** Path of Chromium; ends with one clear line when there is none and it cannot be installed. */
export function ensureChromium() {
  const given = process.env.CHROMIUM
  if (given) return isExecutable(given) ? given : fail(`CHROMIUM=${given} is not a program: correct it or unset it.`)
  const found = findOnPath()
  if (found !== null) return found
  if (process.getuid?.() !== 0 || !hasApt())
    fail('the browser tests need Chromium: install it (Debian: apt-get install chromium), or set CHROMIUM to its path.')
  say('  installing Chromium from the Debian packages')
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...PACKAGES]]) {
    const outcome = spawnSync('apt-get', args, {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
    if (outcome.status !== 0) fail(`apt-get ${args[0]} failed (${lastLine(outcome.stderr)}): install Chromium by hand, or set CHROMIUM to its path.`)
  }
  return findOnPath() ?? fail('Chromium was installed but is not on the PATH: set CHROMIUM to its path.')
}

function findOnPath() {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const candidates = folders.flatMap((folder) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)))
  return candidates.find(isExecutable) ?? null
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
