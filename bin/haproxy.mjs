// Finds, or as root on Debian installs, the proxy of the tests with several processes.
import { ensureProgram } from './debian-packages.mjs'

/** Path of HAProxy; ends with one clear line when there is none and it cannot be installed. */
export function ensureHaproxy() {
  return ensureProgram({
    label: 'HAProxy',
    variable: 'HAPROXY',
    names: ['haproxy'],
    folder: '/usr/sbin',
    packages: ['haproxy'],
    purpose: 'the tests with several processes',
  })
}
