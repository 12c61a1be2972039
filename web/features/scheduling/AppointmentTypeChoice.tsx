import { Text, UnstyledButton } from '@mantine/core'
import { useTranslation } from 'react-i18next'

import type { Kind } from './BookDrawer.tsx'
import type { DaySchedule } from './day-plan.ts'
import { appointmentsOf } from './day-plan.ts'
import classes from './Schedule.module.css'

/** The consultation, by which a clinic may know it; the first one of a clinic that has none. */
export function plainType(types: readonly Kind[]): Kind | undefined {
  return types.find((type) => /consult|check/i.test(type.code)) ?? types[0]
}

/** What is booked most that day, so that most bookings need no click for it; on an empty day the consultation. */
export function usualType(types: readonly Kind[], schedule: DaySchedule): Kind | undefined {
  const booked = appointmentsOf(schedule)
  const uses = (type: Kind) => booked.filter((one) => one.type.id === type.id).length
  const most = types.toSorted((a, b) => uses(b) - uses(a))[0]
  return most !== undefined && uses(most) > 0 ? most : plainType(types)
}

export function AppointmentTypeChoice({ types, chosen, onChoose }: { types: readonly Kind[]; chosen: string; onChoose: (id: string) => void }) {
  const { t } = useTranslation('schedule')
  return (
    <div>
      <Text size="sm" fw={500} mb={4} id="booking-type">
        {t('book.type')}
      </Text>
      <div className={classes.types} role="radiogroup" aria-labelledby="booking-type">
        {types.map((type) => (
          <UnstyledButton
            key={type.id}
            role="radio"
            aria-checked={type.id === chosen}
            className={classes.type}
            style={{ '--type': type.colour }}
            onClick={() => onChoose(type.id)}
          >
            {type.name}
            <span>{t('minutes', { count: type.durationMinutes })}</span>
          </UnstyledButton>
        ))}
      </div>
    </div>
  )
}
