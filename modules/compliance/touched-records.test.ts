import { expect, it } from 'vitest'
import { listTouchedRecords } from './touched-records.ts'

it('names each record once, with all fields, changed ones first and then by type and id', () => {
  const entry = {
    reads: [
      { type: 'Patient', ids: ['b', 'a'], fields: ['name'] },
      { type: 'Invoice', ids: ['a'], fields: ['number'] },
      { type: 'Patient', ids: ['b'], fields: ['colour', 'name'] },
    ],
    changes: [{ type: 'Patient', ids: ['b'], fields: ['allergies'] }],
  }
  expect(listTouchedRecords(entry)).toEqual([
    { type: 'Patient', id: 'b', isChanged: true, fields: ['allergies', 'colour', 'name'] },
    { type: 'Invoice', id: 'a', isChanged: false, fields: ['number'] },
    { type: 'Patient', id: 'a', isChanged: false, fields: ['name'] },
  ])
})

it('names nothing for an entry that named nothing', () => {
  expect(listTouchedRecords({ reads: [], changes: [] })).toEqual([])
})
