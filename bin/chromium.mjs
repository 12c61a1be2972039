// Finds, or as root on Debian installs, the browser of the browser tests.
import { ensureProgram } from './debian-packages.mjs'

/** Path of Chromium; ends with one clear line when there is none and it cannot be installed. */
export function ensureChromium() {
  return ensureProgram({
    label: 'Chromium',
    variable: 'CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    folder: '/usr/bin',
    // Without fonts of its own a bare server draws boxes instead of letters.
    packages: ['chromium', 'fonts-dejavu-core', 'fonts-noto-color-emoji'],
    purpose: 'the browser tests',
  })
}
