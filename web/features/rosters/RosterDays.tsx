import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../ui/Section.tsx'
import { weekOf } from '../scheduling/weeks.ts'
import { BlockNote, CellContent } from './CellContent.tsx'
import { CoverageList } from './CoverageList.tsx'
import type { PlanParts } from './RosterGrid.tsx'
import classes from './Rosters.module.css'
import type { Row } from './roster-week.ts'
import { useRosterTexts } from './use-roster-texts.ts'

/** The plan on a phone: day after day, with who works. */
export function RosterDays({ week, rows, closures, onAdd, onOpen }: PlanParts) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  return weekOf(week.weekStart).map((date, index) => (
    <div key={date} className={classes.day}>
      <Section title={texts.longDay(date)}>
        {closures.map((block) => (
          <BlockNote key={block.id} block={block} date={date} className={classes.closed} text={block.title ?? t('closed')} />
        ))}
        <ul className={classes.dayPeople}>
          {rows
            .filter((row) => isSomething(row, index))
            .map((row) => (
              <li key={row.person?.id ?? 'open'}>
                <span className={classes.person}>{row.person?.name ?? t('open.name')}</span>
                {row.cells.slice(index, index + 1).map((cell) => (
                  <CellContent key={cell.date} row={row} cell={cell} onAdd={null} onOpen={onOpen} />
                ))}
              </li>
            ))}
        </ul>
        <CoverageList week={week} date={date} />
        {onAdd !== null && (
          <Button
            mt={6}
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} />}
            aria-label={t('shift.addOn', { day: texts.day(date) })}
            onClick={() => onAdd(date, null)}
          >
            {t('shift.add')}
          </Button>
        )}
      </Section>
    </div>
  ))
}

function isSomething({ cells }: Row, index: number): boolean {
  return cells.slice(index, index + 1).some(({ shifts, hours, absences }) => shifts.length + hours.length + absences.length > 0)
}
