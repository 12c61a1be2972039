import { Button, Checkbox, Group, NumberInput, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useFormat } from '../../session/viewer.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { weekOf } from '../scheduling/weeks.ts'
import { PositionSelect } from './PositionSelect.tsx'
import { Problem } from './Problem.tsx'
import { CreateCoverageNeed } from './plan-documents.ts'

/** ISO weekdays with their names. */
export function useWeekdays(): { weekday: number; name: string }[] {
  const { locale } = useFormat()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' })
    return weekOf('2024-01-01').map((date, index) => ({ weekday: index + 1, name: capitalised(format.format(new Date(`${date}T00:00:00Z`))) }))
  }, [locale])
}

type Draft = { position: string; weekdays: string[]; start: string; end: string; minCount: number; validFrom: string; validUntil: string }

/** A need of one or several weekdays, from a day on. */
export function NeedForm({ monday, onDone }: { monday: string; onDone: () => void }) {
  const { t } = useTranslation('rosters')
  const [draft, setDraft] = useState<Draft>({
    position: 'veterinarian',
    weekdays: [],
    start: '09:00',
    end: '17:00',
    minCount: 1,
    validFrom: monday,
    validUntil: '',
  })
  const set = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }))
  const { add, isAdding, problem } = useAddNeeds(set, onDone)
  const isComplete = draft.weekdays.length > 0 && draft.start !== '' && draft.end !== '' && draft.validFrom !== ''
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void add(draft)
      }}
    >
      <Stack gap="sm">
        <NeedFields draft={draft} onChange={set} />
        <Problem text={problem} />
        <Group gap="xs">
          <Button type="submit" loading={isAdding} disabled={!isComplete}>
            {t('save')}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function NeedFields({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation('rosters')
  const weekdays = useWeekdays()
  return (
    <>
      <PositionSelect label={t('needs.position')} value={draft.position} onChange={(position) => onChange({ position })} />
      <Checkbox.Group label={t('needs.weekdays')} value={draft.weekdays} onChange={(chosen) => onChange({ weekdays: chosen })}>
        <SimpleGrid cols={2} spacing={6} mt={6}>
          {weekdays.map(({ weekday, name }) => (
            <Checkbox key={weekday} value={String(weekday)} label={name} />
          ))}
        </SimpleGrid>
      </Checkbox.Group>
      <SimpleGrid cols={2} spacing="sm">
        {(['start', 'end'] as const).map((name) => (
          <TextInput
            key={name}
            type="time"
            required
            label={t(`times.${name}`)}
            value={draft[name]}
            onChange={(event) => onChange({ [name]: event.currentTarget.value })}
          />
        ))}
        {(['validFrom', 'validUntil'] as const).map((name) => (
          <TextInput
            key={name}
            type="date"
            required={name === 'validFrom'}
            label={t(`needs.${name}`)}
            value={draft[name]}
            onChange={(event) => onChange({ [name]: event.currentTarget.value })}
          />
        ))}
      </SimpleGrid>
      <NumberInput
        label={t('needs.count')}
        min={1}
        max={50}
        allowDecimal={false}
        value={draft.minCount}
        onChange={(minCount) => typeof minCount === 'number' && onChange({ minCount })}
      />
    </>
  )
}

/** One need a weekday; those that are recorded leave the form, so that a second try asks for the rest alone. */
function useAddNeeds(set: (part: Partial<Draft>) => void, onDone: () => void) {
  const { t } = useTranslation('rosters')
  const textOf = useFailureText()
  const weekdays = useWeekdays()
  const [problem, setProblem] = useState<string | null>(null)
  const { run, isRunning } = useCommand(CreateCoverageNeed, (data) => data.createCoverageNeed)

  async function add({ weekdays: chosen, validUntil, end, ...need }: Draft): Promise<void> {
    for (const [index, weekday] of chosen.entries()) {
      // Midnight ends the day; a need never reaches into the next one.
      const input = { ...need, weekday: Number(weekday), end: end === '00:00' ? '24:00' : end, validUntil: validUntil || null }
      const { payload, failure } = await run({ input })
      if (payload?.__typename === 'CoverageNeed') continue
      const name = weekdays.find((one) => one.weekday === Number(weekday))?.name ?? ''
      set({ weekdays: chosen.slice(index) })
      return setProblem(`${name}: ${textOf(payload === null ? failure : refusal(payload))}`)
    }
    notify({ color: 'pine', message: t('saved') })
    onDone()
  }
  return { add, isAdding: isRunning, problem }
}
