// What `npm test` runs, in order. Plain JavaScript for Node >= 20, like launch.mjs.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './launch.mjs'

const state = join(root, 'node_modules', '.chiron')
const vitestReport = join(state, 'vitest.json')
const playwrightReport = join(state, 'playwright.json')
const snapshot = join(root, 'schema', 'schema.graphql')

const vitest = (label, extra) => ({
  label,
  name: 'vitest',
  args: ['node_modules/vitest/vitest.mjs', 'run', ...extra, '--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`],
  report: vitestReport,
  isProxied: true,
  isShown: true,
})

const generate = {
  label: 'Generated code and schema snapshot',
  check: checkSnapshot,
  isSameInFull: true,
  name: 'generate',
}
const lint = {
  label: 'Format, lint and boundaries',
  args: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  isSameInFull: true,
  name: 'lint',
}
const types = {
  label: 'Types',
  args: ['node_modules/typescript/bin/tsc', '--noEmit'],
  isSameInFull: true,
  name: 'types',
}
const webTypes = {
  ...types,
  label: 'Types of the web client',
  args: [...types.args, '--project', 'web'],
  name: 'web-types',
}
const build = { label: 'Web client', args: ['server/main.ts', 'build'], isSameInFull: true, name: 'build' }
const browser = {
  label: 'Browser tests',
  name: 'browser',
  args: ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
  env: { PLAYWRIGHT_JSON_OUTPUT_NAME: playwrightReport },
  report: playwrightReport,
  isBrowser: true,
  isShown: true,
}

/** What the full run does beyond the usual one: more cases of properties and of faults, and more variants of pages. */
const BEYOND = {
  vitest: () => ({ ...vitest('More cases of every property', findProperties()), name: null }),
  browser: () => ({
    ...browser,
    label: 'More variants of every page',
    args: [...browser.args, 'pages.spec.ts'],
    env: { ...browser.env, CHIRON_TEST_FULL: 'beyond' },
    name: null,
  }),
}

/** Test files whose cases the full run multiplies (test/setup.ts, test/effort.ts). */
function findProperties() {
  const files = ['modules', 'schema', 'server', 'test', 'web'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((file) => join(folder, file))
      .filter((file) => /\.test\.tsx?$/.test(file) && !file.includes('node_modules')),
  )
  return files.filter((file) => /from '(fast-check|[./]+effort\.ts)'/.test(readFileSync(join(root, file), 'utf8')))
}

/**
 * @param {{ isFull: boolean, isValidate: boolean }} options
 * Steps marked isSameInFull do the same in `npm test` and `npm run test:full`. Where a step has passed on identical files, the full run
 * takes that pass, and does of the others what goes beyond it.
 */
export function stepsFor({ isFull, isValidate }) {
  const checks = [generate, lint, types, ...(existsSync(join(root, 'web', 'tsconfig.json')) ? [webTypes] : [])]
  if (isValidate) return [...checks, { ...vitest('Unit, API and architecture tests', []), name: null }]
  const steps = [...checks, build, vitest('Unit, API and architecture tests with coverage', ['--coverage']), browser]
  return isFull ? steps.map((step) => (BEYOND[step.name] && wasPassed(step) ? BEYOND[step.name]() : step)) : steps
}

/** Runs a tool; answers null or what went wrong. A quiet tool's output is shown when it fails. */
export function runTool(node, step, env) {
  return new Promise((resolve) => {
    // Tools start further tools by name, and those must find this Node, not the system's.
    const path = [join(root, 'node_modules', '.bin'), dirname(node), env.PATH ?? ''].join(delimiter)
    const child = spawn(node, step.args, {
      cwd: root,
      env: { ...env, PATH: path },
      stdio: step.isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    child.stdout?.on('data', (chunk) => (text += chunk))
    child.stderr?.on('data', (chunk) => (text += chunk))
    child.on('error', (error) => resolve(`it could not be started (${error.message})`))
    child.on('close', (code, signal) => {
      if (code !== 0) process.stdout.write(text)
      resolve(code === 0 ? null : `it ended with ${signal ?? `code ${code}`}`)
    })
  })
}

/**
 * Generates, and fails when that changed the committed schema.graphql: a change to the API must be seen in review. The file
 * is left in its new form, to be read and committed.
 */
async function checkSnapshot({ node, env }) {
  const before = existsSync(snapshot) ? readFileSync(snapshot, 'utf8') : ''
  const problem = await runTool(node, { args: ['server/main.ts', 'generate'] }, env)
  if (problem !== null) return problem
  const after = readFileSync(snapshot, 'utf8')
  return before === after ? null : 'schema/schema.graphql did not match the code and has been rewritten: review the difference and commit it'
}

/** Counts of vitest's JSON report; null when there is none. A file that did not load counts as one failure. */
export function readVitest(file) {
  const report = readReport(file)
  if (report === null) return null
  const broken = report.testResults.filter((result) => result.status === 'failed' && result.assertionResults.length === 0).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}

/** Counts of Playwright's JSON report; null when there is none. A test that passed only when repeated counts as failed. */
export function readPlaywright(file) {
  const report = readReport(file)
  if (report === null) return null
  const { expected, unexpected, flaky, skipped } = report.stats
  return { passed: expected, failed: unexpected + flaky + (report.errors?.length ?? 0), skipped }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

export function wasPassed(step) {
  const file = join(state, `passed-${step.name}`)
  return existsSync(file) && readFileSync(file, 'utf8') === hashTree()
}

export function recordPass(step) {
  mkdirSync(state, { recursive: true })
  writeFileSync(join(state, `passed-${step.name}`), hashTree())
}

// Folders that hold no sources, or that a step itself writes.
const IGNORED = new Set(['node_modules', '.git', '.chiron', 'dist', 'coverage', 'test-results', 'playwright-report'])

function hashTree() {
  const hash = createHash('sha256')
  const visit = (folder, prefix) => {
    for (const name of readdirSync(folder).sort()) {
      if (IGNORED.has(name)) continue
      const path = join(folder, name)
      const stat = statSync(path, { throwIfNoEntry: false })
      if (stat?.isDirectory()) visit(path, `${prefix}${name}/`)
      else if (stat?.isFile()) hash.update(`${prefix}${name}\0`).update(readFileSync(path))
    }
  }
  visit(root, '')
  return hash.digest('hex')
}
