import { Button, Drawer, Group, Stack, Text } from '@mantine/core'
import { IconPlus, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { CoverageNeedsQuery } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { showProblem } from '../scheduling/undo-toast.tsx'
import { useToday } from './CellContent.tsx'
import { NeedForm, useWeekdays } from './NeedForm.tsx'
import { CoverageNeedsDocument, EndCoverageNeed } from './plan-documents.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type Need = CoverageNeedsQuery['coverageNeeds'][number]

/** How many people the clinic needs when. */
export function NeedsDrawer({ monday, isOpen, onClose }: { monday: string; isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('rosters')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('needs.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <Needs monday={monday} />}
    </Drawer>
  )
}

function Needs({ monday }: { monday: string }) {
  const { t } = useTranslation('rosters')
  const [isAdding, setAdding] = useState(false)
  const [result, retry] = useQuery({ query: CoverageNeedsDocument, variables: { from: monday } })
  if (isAdding) return <NeedForm monday={monday} onDone={() => setAdding(false)} />
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('needs.text')}
      </Text>
      <Group>
        <Button leftSection={<IconPlus size={16} />} onClick={() => setAdding(true)}>
          {t('needs.add')}
        </Button>
      </Group>
      <QueryView result={result} onRetry={retry} skeletonHeight={120}>
        {({ coverageNeeds }) =>
          coverageNeeds.length === 0 ? (
            <StateMessage icon={<IconUsers size={34} stroke={1.5} />} title={t('needs.empty')}>
              {t('needs.emptyText')}
            </StateMessage>
          ) : (
            <ByWeekday needs={coverageNeeds} monday={monday} />
          )
        }
      </QueryView>
    </Stack>
  )
}

function ByWeekday({ needs, monday }: { needs: readonly Need[]; monday: string }) {
  const weekdays = useWeekdays()
  return weekdays.map(({ weekday, name }) => {
    const ofDay = needs.filter((need) => need.weekday === weekday)
    return (
      ofDay.length > 0 && (
        <section key={weekday} aria-label={name}>
          <Text fw={600} mb={4}>
            {name}
          </Text>
          <Stack gap={6}>
            {ofDay.map((need) => (
              <NeedLine key={need.id} need={need} monday={monday} />
            ))}
          </Stack>
        </section>
      )
    )
  })
}

/** A need ends with the shown week's Monday, or today when that is past; what was never in force is gone. */
function NeedLine({ need, monday }: { need: Need; monday: string }) {
  const { t } = useTranslation('rosters')
  const format = useFormat()
  const texts = useRosterTexts()
  const textOf = useFailureText()
  const today = useToday()
  const [isAsking, setAsking] = useState(false)
  const { run, isRunning } = useCommand(EndCoverageNeed, (data) => data.endCoverageNeed)
  const end = monday < today ? today : monday
  const what = `${texts.position(need.position)}, ${texts.times(need)}`

  async function finish() {
    const { payload, failure } = await run({ input: { id: need.id, version: need.version, validUntil: end } })
    if (payload?.__typename !== 'CoveragePlan') return showProblem(textOf(payload === null ? failure : refusal(payload)))
    notify({ color: 'pine', message: t('needs.ended') })
  }

  return (
    <Group justify="space-between" gap="xs" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text size="sm">{t('needs.line', { what, count: need.minCount })}</Text>
        <Text size="xs" c="dimmed">
          {need.validUntil === null
            ? t('needs.from', { from: format.date(need.validFrom) })
            : t('needs.fromUntil', { from: format.date(need.validFrom), until: format.date(need.validUntil) })}
        </Text>
      </div>
      {isAsking ? (
        <Button color="clay" size="xs" loading={isRunning} onClick={() => void finish()}>
          {t('needs.endOn', { date: format.shortDate(end) })}
        </Button>
      ) : (
        <Button variant="subtle" color="clay" size="xs" aria-label={t('needs.endOf', { what })} onClick={() => setAsking(true)}>
          {t('needs.end')}
        </Button>
      )}
    </Group>
  )
}
