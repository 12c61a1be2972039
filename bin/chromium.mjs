// Finds, or as root on Debian installs, the browser of the browser tests.
import { ensureProgram } from './debian-packages.mjs'

/** Path of Chromium; ends with one clear line when there is none and it cannot be installed. */
export function ensureChromium() {
  return ensureProgram({
    label: 'Chromium',
    variable: 'CHROMIUM',
    // The shell is the same browser without windows of its own, which costs a quarter of the time of a test.
    names: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    folder: '/usr/bin',
    // Without fonts of its own a bare server draws boxes instead of letters.
    packages: ['chromium-headless-shell', 'fonts-dejavu-core', 'fonts-noto-color-emoji'],
    purpose: 'the browser tests',
  })
}
