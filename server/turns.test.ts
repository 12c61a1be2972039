import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('does so many at once and the others in order, whether or not they succeed', async () => {
  const turns = new Turns(2, 2)
  const begun: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const take = (index: number) =>
    turns.take(async () => {
      begun.push(index)
      await gates[index]?.promise
    })
  const first = [take(0), take(1), take(2)]
  await Promise.resolve()
  expect([begun, turns.isFull]).toEqual([[0, 1], false])
  const fourth = take(3)
  expect(turns.isFull).toBe(true)
  gates[1]?.reject(new Error('broken'))
  await expect(first[1]).rejects.toThrow('broken')
  await Promise.resolve()
  expect([begun, turns.isFull]).toEqual([[0, 1, 2], false])
  for (const gate of gates) gate.resolve()
  await Promise.all([first[0], first[2], fourth, take(4)])
  expect([begun, turns.isFull]).toEqual([[0, 1, 2, 3, 4], false])
})
