import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { listenForStop, type StopSignal, untilAborted } from './signals.ts'

let stop: StopSignal | undefined

afterEach(async () => {
  vi.useRealTimers()
  await stop?.[Symbol.asyncDispose]()
})

describe('listenForStop', () => {
  it('aborts on the first signal, takes an echo for the same one, and forces on a later one', async () => {
    vi.useFakeTimers()
    const codes: number[] = []
    const forced: string[] = []
    stop = listenForStop((code) => codes.push(code))
    stop.onForce(() => forced.push('database'))
    expect(stop.signal.aborted).toBe(false)
    process.emit('SIGTERM', 'SIGTERM')
    expect(stop.signal.aborted).toBe(true)
    vi.advanceTimersByTime(500)
    process.emit('SIGINT', 'SIGINT')
    expect([codes, forced]).toEqual([[], []])
    vi.advanceTimersByTime(600)
    process.emit('SIGINT', 'SIGINT')
    expect([codes, forced]).toEqual([[130], ['database']])
  })

  it('leaves nothing behind', async () => {
    const before = process.listenerCount('SIGINT')
    const short = listenForStop()
    expect(process.listenerCount('SIGINT')).toBe(before + 1)
    await short[Symbol.asyncDispose]()
    expect(process.listenerCount('SIGINT')).toBe(before)
  })

  it('leaves the channel to whoever else waits on it', async () => {
    const program = `
      import { listenForStop } from './server/cli/signals.ts'
      process.once('message', (message) => process.send(message, () => process.disconnect()))
      await listenForStop()[Symbol.asyncDispose]()
      process.send('disposed')
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    const exited = once(child, 'exit')
    await once(child, 'message')
    await Promise.race([exited, sleep(200)])
    expect(child.exitCode).toBeNull()
    child.send('still there')
    expect(await once(child, 'message')).toContain('still there')
    expect(await exited).toEqual([0, null])
  })
})

describe('untilAborted', () => {
  it('waits for an abort, and does not wait for one that has happened', async () => {
    const controller = new AbortController()
    const waiting = untilAborted(controller.signal)
    controller.abort()
    await waiting
    await untilAborted(controller.signal)
    expect(controller.signal.aborted).toBe(true)
  })
})
