import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const repository = fileURLToPath(new URL('..', import.meta.url))
const signals = JSON.stringify(new URL('../server/cli/signals.ts', import.meta.url).href)
const localNode = `node-${process.platform}-${process.arch}`

// What the launcher starts: says what it got, serves until it is stopped, and takes a moment to drain.
const PROGRAM = `
import { listenForStop, untilAborted } from ${signals}
if (process.argv[2] === 'generate') process.exit(4)
if (process.argv[2] === 'version') { console.log(process.versions.node, JSON.stringify(process.argv.slice(3))); process.exit(7) }
await using stop = listenForStop()
const alive = setInterval(() => {}, 1000)
console.log('serving')
await untilAborted(stop.signal)
await new Promise((resolve) => setTimeout(resolve, 300))
console.log('drained')
process.exit(0)
`

let clone: string
let children: ChildProcess[] = []

beforeEach(() => {
  clone = join(mkdtempSync(join(tmpdir(), 'chiron launcher ')), 'my clone')
  mkdirSync(join(clone, 'server'), { recursive: true })
  mkdirSync(join(clone, 'node_modules'))
  cpSync(join(repository, 'bin'), join(clone, 'bin'), { recursive: true })
  writeFileSync(join(clone, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(clone, 'package-lock.json'), '{}')
  writeFileSync(join(clone, 'node_modules/.package-lock.json'), '{}')
  writeFileSync(join(clone, 'server/main.ts'), PROGRAM)
  symlinkSync(join(repository, 'node_modules', localNode), join(clone, 'node_modules', localNode))
})

afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
  rmSync(join(clone, '..'), { recursive: true, force: true })
})

/** Starts `bin/start.mjs` in a process group of its own and waits until the program serves. */
async function serve() {
  const child = spawn(process.execPath, [join(clone, 'bin/start.mjs')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  let text = ''
  const started = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
    if (text.includes('serving')) started.resolve()
  })
  // The pipe closes when the last process that holds it has ended, so this waits for the program as well.
  child.stdout.on('close', () => closed.resolve())
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve))
  await started.promise
  return { pid: child.pid ?? 0, code, closed: closed.promise, text: () => text }
}

const evaluate = (source: string, env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', `import * as launch from ${JSON.stringify(join(clone, 'bin/launch.mjs'))}\n${source}`], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })

describe('the launcher', () => {
  it('runs the program on Node 24 from a path with spaces and passes arguments and exit code on', () => {
    const { stdout, status } = spawnSync(process.execPath, [join(clone, 'bin/chiron.mjs'), 'version', 'two words', '--flag'], {
      encoding: 'utf8',
      cwd: tmpdir(),
    })
    expect(stdout).toMatch(/^24\.\d+\.\d+ \["two words","--flag"\]\n$/)
    expect(status).toBe(7)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('lets the program drain on %s to the launcher alone', async (signal) => {
    const run = await serve()
    process.kill(run.pid, signal)
    expect(await run.code).toBe(0)
    expect(run.text()).toContain('drained')
  })

  it('lets the program drain on Ctrl-C, which reaches the whole group', async () => {
    const run = await serve()
    process.kill(-run.pid, 'SIGINT')
    expect(await run.code).toBe(0)
    expect(run.text()).toContain('drained')
  })

  it('takes the program with it when it is killed', async () => {
    const run = await serve()
    process.kill(run.pid, 'SIGKILL')
    await run.closed
    expect(run.text()).toContain('drained')
  })

  it('says what to do without a Node 24', () => {
    rmSync(join(clone, 'node_modules', localNode))
    const { stderr, status } = evaluate(`launch.findNode(launch.root, { version: '20.11.0', path: 'node' })`)
    expect(stderr).toMatch(/^chiron: Node 24 for .* is not in node_modules and this is Node 20\.11\.0: install Node 24 and try again\.\n$/)
    expect(status).toBe(1)
  })

  it('uses the running Node when that is a 24', () => {
    rmSync(join(clone, 'node_modules', localNode))
    expect(evaluate(`console.log(launch.findNode(launch.root, { version: '24.1.0', path: 'this one' }))`).stdout).toBe('this one\n')
  })
})

describe('installing', () => {
  const isInstalled = () => evaluate('console.log(launch.isInstalled(launch.root))').stdout.trim()
  const fakeNpm = (source: string) => {
    writeFileSync(join(clone, 'npm.js'), `import { writeFileSync } from 'node:fs'\n${source}`)
    return evaluate('launch.ensureInstalled()', { npm_execpath: join(clone, 'npm.js') })
  }

  it('is not repeated after npm was run by hand', () => {
    expect(isInstalled()).toBe('true')
    expect(readFileSync(join(clone, 'node_modules/.chiron/installed'), 'utf8')).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each<[string, () => void]>([
    ['without node_modules', () => rmSync(join(clone, 'node_modules'), { recursive: true })],
    ["without npm's record", () => rmSync(join(clone, 'node_modules/.package-lock.json'))],
    ['with an older record', () => utimesSync(join(clone, 'node_modules/.package-lock.json'), 1, 1)],
    [
      'after the lock file changed',
      () => {
        expect(isInstalled()).toBe('true')
        writeFileSync(join(clone, 'package-lock.json'), '{ "changed": true }')
      },
    ],
  ])('is needed %s', (_when, change) => {
    change()
    expect(isInstalled()).toBe('false')
  })

  it('runs npm ci once, development packages included', () => {
    rmSync(join(clone, 'node_modules/.package-lock.json'))
    const first = fakeNpm(`writeFileSync('arguments', process.argv.slice(2).join(' '))`)
    expect(first.stdout).toMatch(/Installing packages/)
    expect(readFileSync(join(clone, 'arguments'), 'utf8')).toMatch(/^ci --include=dev --include=optional/)
    rmSync(join(clone, 'arguments'))
    expect(fakeNpm(`writeFileSync('arguments', '')`).stdout).toBe('')
    expect(existsSync(join(clone, 'arguments'))).toBe(false)
  })

  it('ends with one line and code 1 when npm fails, and tries again next time', () => {
    rmSync(join(clone, 'node_modules/.package-lock.json'))
    const { status, stderr } = fakeNpm('process.exit(3)')
    expect([status, stderr.trim().split('\n')]).toEqual([1, [expect.stringMatching(/^chiron: Installing packages failed: /)]])
    expect(isInstalled()).toBe('false')
  })
})

describe('the test command', () => {
  const counts = (reader: 'readVitest' | 'readPlaywright', report: unknown) => {
    writeFileSync(join(clone, 'report.json'), JSON.stringify(report))
    const file = JSON.stringify(join(clone, 'report.json'))
    return JSON.parse(
      evaluate(
        `const steps = await import('./test-steps.mjs'.replace('.', ${JSON.stringify(join(clone, 'bin'))})); console.log(JSON.stringify(steps.${reader}(${file})))`,
      ).stdout,
    ) as unknown
  }

  it("adds up vitest's report, a file that did not load included", () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{}] },
      { status: 'passed', assertionResults: [{}] },
    ]
    expect(counts('readVitest', { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1, testResults })).toEqual({
      passed: 5,
      failed: 2,
      skipped: 3,
    })
  })

  it("adds up Playwright's report, where a lucky repetition is a failure", () => {
    expect(counts('readPlaywright', { stats: { expected: 7, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{}] })).toEqual({
      passed: 7,
      failed: 3,
      skipped: 2,
    })
  })

  it('takes no other argument', () => {
    const { stderr, status } = spawnSync(process.execPath, [join(clone, 'bin/test.mjs'), '--fast'], {
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([1, 'chiron: unknown argument --fast: this takes --full or --validate.\n'])
  })

  it('stops at the first step that fails and still ends with the count', () => {
    const { stdout, status } = spawnSync(process.execPath, [join(clone, 'bin/test.mjs'), '--validate'], {
      encoding: 'utf8',
    })
    expect(stdout).toMatch(/✗ Generated code and schema snapshot {2}[\d.]+ s: /)
    expect(stdout).not.toContain('• Format, lint')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed')
    expect(status).toBe(1)
  })
})
