import { defineConfig } from '@playwright/test'
import { ensureChromium } from './bin/chromium.mjs'

/**
 * Browser tests, against the built web client and the whole server with its demo. `npm test` builds first and chooses the
 * reporters. No retries and no skips: what passes only sometimes is broken.
 */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './test/e2e/global-setup.ts',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // The machine may be slow; nothing here measures time.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: {
    trace: 'off',
    screenshot: 'only-on-failure',
    locale: 'es-MX',
    // Far from the clinic, whose own zone must decide what is shown.
    timezoneId: 'Asia/Tokyo',
    viewport: { width: 1440, height: 900 },
    // Axe would measure the contrast of something half faded in.
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    launchOptions: {
      executablePath: ensureChromium(),
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run', '--disable-dev-shm-usage'],
    },
  },
})
