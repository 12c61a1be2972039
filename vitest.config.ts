import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { isFullRun } from './test/effort.ts'

const root = fileURLToPath(new URL('.', import.meta.url))

export default defineConfig({
  // Vitest loads two copies of graphql 16 otherwise ("another module or realm").
  resolve: { alias: [{ find: /^graphql$/, replacement: `${root}node_modules/graphql/index.js` }] },
  test: {
    include: ['modules/**/*.test.ts', 'schema/**/*.test.ts', 'server/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.{ts,tsx}'],
    exclude: ['test/e2e/**', 'test/bench/**', 'node_modules/**'],
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    isolate: false,
    // Ten times the cases of each property take their time.
    testTimeout: isFullRun ? 300_000 : 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['modules/**/*.ts', 'schema/**/*.ts', 'server/**/*.ts'],
      exclude: ['**/*.test.ts', 'schema/pothos-types.ts'],
      reporter: ['text-summary', 'json-summary', 'json'],
      thresholds: { lines: 95 },
    },
  },
})
