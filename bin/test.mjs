#!/usr/bin/env node
// npm test, npm run test:full (--full) and npm run validate (--validate).
import { rmSync } from 'node:fs'
import { ensureChromium } from './chromium.mjs'
import { ensureHaproxy } from './haproxy.mjs'
import { ensureInstalled, fail, findNode, say } from './launch.mjs'
import { readPlaywright, readVitest, recordPass, runTool, stepsFor, wasPassed } from './test-steps.mjs'

const options = { isFull: process.argv.includes('--full'), isValidate: process.argv.includes('--validate') }
const unknown = process.argv.slice(2).find((argument) => argument !== '--full' && argument !== '--validate')
if (unknown !== undefined) fail(`unknown argument ${unknown}: this takes --full or --validate.`)

ensureInstalled()
const node = findNode()
const totals = { passed: 0, failed: 0, skipped: 0, browser: null }
let failure = null

for (const step of stepsFor(options)) {
  const begun = Date.now()
  if (options.isFull && step.isSameInFull && wasPassed(step)) {
    say(`✓ ${step.label}  passed before on exactly these files`)
    continue
  }
  say(`• ${step.label}`)
  const env = { ...process.env, ...(options.isFull ? { CHIRON_TEST_FULL: '1' } : {}), ...step.env }
  if (step.report) rmSync(step.report, { force: true })
  if (step.isBrowser) env.CHROMIUM = ensureChromium()
  if (step.isProxied) env.HAPROXY = ensureHaproxy()
  const problem = step.check ? await step.check({ node, env }) : await runTool(node, step, env)
  const reported = step.report ? count(step) : null
  const seconds = ((Date.now() - begun) / 1000).toFixed(1)
  failure = problem ?? reported
  if (failure !== null) {
    say(`✗ ${step.label}  ${seconds} s: ${failure}`)
    break
  }
  if (step.name) recordPass(step)
  say(`✓ ${step.label}  ${seconds} s`)
}

// A tool that failed without naming a failed test, such as the type checker, counts as one.
if (failure !== null && totals.failed === 0) totals.failed = 1
if (totals.browser !== null) say(`${totals.browser} browser tests ran`)
if (totals.skipped > 0) say(`${totals.skipped} tests were skipped`)
say(`${totals.passed} passed, ${totals.failed} failed`)
process.exit(failure === null ? 0 : 1)

/** Adds a tool's report to the totals; answers what is wrong with it, or null. */
function count(step) {
  const report = step.isBrowser ? readPlaywright(step.report) : readVitest(step.report)
  if (report === null) return 'it left no report'
  totals.passed += report.passed
  totals.failed += report.failed
  totals.skipped += report.skipped
  if (step.isBrowser) totals.browser = report.passed + report.failed
  if (report.passed + report.failed === 0) return 'no test ran'
  return report.failed > 0 ? `${report.failed} failed` : null
}
