import { expect, it } from 'vitest'
import { readProvenBody } from './proven-body.ts'

const bundle = (body: string) =>
  JSON.stringify({
    v: 1,
    entries: [
      { entry: 'row', body: '{}' },
      { entry: 'e1', body },
    ],
  })

it('reads the request and the words of the entry that is asked for', () => {
  expect(readProvenBody(bundle('{"request":"r1","v":2}'), 'e1')).toEqual({ requestId: 'r1', text: '{\n  "request": "r1",\n  "v": 2\n}' })
  expect(readProvenBody(bundle('{"source":"row"}'), 'e1')?.requestId).toBeNull()
})

it('shows a body that is no JSON any more as it is, and nothing where nothing is proven', () => {
  expect(readProvenBody(bundle('{"altered'), 'e1')).toEqual({ requestId: null, text: '{"altered' })
  for (const empty of ['{"v":1}', '{"v":1,"entries":[]}', 'null', '{"entries":[{}]}', bundle('{}')]) expect(readProvenBody(empty, 'e2')).toBeNull()
})
