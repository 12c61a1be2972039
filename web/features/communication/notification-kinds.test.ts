import { describe, expect, it } from 'vitest'
import { SCREENS } from '../shell/navigation.ts'
import { iconOf, screenOf } from './notification-kinds.ts'

describe('a notification', () => {
  it('leads to the screen of its kind that the reader may open', () => {
    expect(screenOf('time_off_approved', SCREENS)).toBe('/staff/time-off')
    expect(
      screenOf(
        'time_off_approved',
        SCREENS.filter(({ name }) => name !== 'timeOff'),
      ),
    ).toBeNull()
  })

  it('of a kind that nobody has described has an icon and leads nowhere', () => {
    expect(screenOf('something_new', SCREENS)).toBeNull()
    expect(iconOf('something_new')).toBe(iconOf('something_else'))
    expect(iconOf('booking_requested')).not.toBe(iconOf('booking_moved'))
  })
})
