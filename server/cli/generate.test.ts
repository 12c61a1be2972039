import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runTasks, type Task } from './generate.ts'

let root: string
let lines: string[]
let errors: string[]

const output = { line: (text: string) => void lines.push(text), error: (text: string) => void errors.push(text) }
const task: Task = {
  name: 'shout',
  label: 'Shouting',
  args: ['shout.mjs'],
  inputs: ['words', 'shout.mjs'],
  except: ['words/made'],
  outputs: ['words/made'],
}
const run = () => runTasks(root, [task], output)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'chiron generate '))
  lines = []
  errors = []
  await mkdir(join(root, 'words/deep'), { recursive: true })
  await writeFile(join(root, 'words/deep/a.txt'), 'hello')
  await writeFile(
    join(root, 'shout.mjs'),
    `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
     mkdirSync('words/made', { recursive: true })
     writeFileSync('words/made/a.txt', readFileSync('words/deep/a.txt', 'utf8').toUpperCase())`,
  )
})

afterEach(() => rm(root, { recursive: true }))

describe('runTasks', () => {
  it('runs a task once while nothing changes', async () => {
    expect(await run()).toEqual({ ran: ['shout'] })
    expect(await readFile(join(root, 'words/made/a.txt'), 'utf8')).toBe('HELLO')
    expect(await run()).toEqual({ ran: [] })
    expect(lines).toEqual(['• Shouting', expect.stringMatching(/^✓ Shouting {2}\d+\.\d s$/)])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['an input changed', () => writeFile(join(root, 'words/deep/a.txt'), 'bye')],
    ['an input was added', () => writeFile(join(root, 'words/b.txt'), '')],
    ['the tool changed', async () => writeFile(join(root, 'shout.mjs'), `${await readFile(join(root, 'shout.mjs'), 'utf8')}\n// newer`)],
    ['an output was edited', () => writeFile(join(root, 'words/made/a.txt'), 'edited')],
    ['an output was deleted', () => rm(join(root, 'words/made'), { recursive: true })],
  ])('runs it again when %s', async (_why, change) => {
    await run()
    await change()
    expect(await run()).toEqual({ ran: ['shout'] })
    expect(await run()).toEqual({ ran: [] })
  })

  it('does not take a tool that wrote nothing for done', async () => {
    await writeFile(join(root, 'shout.mjs'), '')
    await expect(run()).rejects.toThrow('Shouting ended without writing words/made: correct shout.mjs.')
    await expect(run()).rejects.toThrow('without writing')
  })

  it("shows a failing tool's own words, says what failed, and tries again next time", async () => {
    await writeFile(join(root, 'shout.mjs'), `console.error('line 3 is wrong'); process.exit(5)`)
    await expect(run()).rejects.toThrow(/^Shouting failed \(code 5\): correct what the lines above name/)
    expect(errors).toEqual(['line 3 is wrong'])
    await expect(run()).rejects.toThrow('code 5')
  })
})
