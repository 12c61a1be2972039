import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** What one program wrote to its standard output, line by line. */
function logged(program: string): Record<string, unknown>[] {
  const source = `import { createLog } from ${JSON.stringify(new URL('log.ts', import.meta.url).href)}\n${program}`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('createLog', () => {
  it('writes JSON lines and leaves out credentials and personal data', () => {
    const [line] = logged(
      `createLog('info').info({ user: { id: 'u1', email: 'ana@example.mx' }, password: 'p', req: { headers: { cookie: 'c', authorization: 'a', host: 'h' } } }, 'signed in')`,
    )
    expect(line).toMatchObject({
      level: 'info',
      msg: 'signed in',
      password: '[redacted]',
      user: { id: 'u1', email: '[redacted]' },
      req: { headers: { cookie: '[redacted]', authorization: '[redacted]', host: 'h' } },
    })
  })

  it("does not repeat the key values of PostgreSQL's errors", () => {
    const [line] = logged(
      `createLog('info').error({ err: Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(ana@example.mx)' }) }, 'failed')`,
    )
    expect(line?.err).toMatchObject({ message: 'duplicate key', code: '23505' })
    expect(JSON.stringify(line)).not.toContain('ana@')
  })

  it('is silent below its level', () => {
    expect(logged(`createLog('error').info('hello')`)).toEqual([])
  })
})
