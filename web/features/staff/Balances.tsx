import { Paper, SimpleGrid, Text } from '@mantine/core'
import { IconCalendarOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { TimeOffBalancesQuery } from '../../gql/graphql.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TimeOffBalancesDocument } from './time-off-documents.ts'
import { useTimeOffTexts } from './use-time-off-texts.ts'

type Balance = TimeOffBalancesQuery['timeOffBalances'][number]

/** What remains to the reader of each type this year. */
export function Balances() {
  const { t } = useTranslation('staff')
  const [result, retry] = useLiveQuery(['TimeOffRequest', 'TimeOffGrant', 'TimeOffType'], { query: TimeOffBalancesDocument })
  const year = result.data?.timeOffBalances[0]?.year
  return (
    <Section title={year === undefined ? t('timeOff.balances.title') : t('timeOff.balances.titleOf', { year })}>
      <QueryView result={result} onRetry={retry} skeletonHeight={80}>
        {(data) => <BalanceCards balances={data.timeOffBalances.filter(({ type }) => !type.isArchived)} />}
      </QueryView>
    </Section>
  )
}

function BalanceCards({ balances }: { balances: readonly Balance[] }) {
  const { t } = useTranslation('staff')
  const texts = useTimeOffTexts()
  if (balances.length === 0)
    return (
      <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('timeOff.balances.empty')}>
        {t('timeOff.balances.emptyText')}
      </StateMessage>
    )
  return (
    <SimpleGrid component="ul" cols={{ base: 1, xs: 2, md: 3, lg: 5 }} spacing="sm" m={0} p={0} style={{ listStyle: 'none' }}>
      {balances.map(({ type, remaining, approved, pending }) => (
        <Paper component="li" key={type.id} withBorder p="sm">
          <Text size="sm" c="dimmed">
            {type.name}
          </Text>
          <Text fw={650} size="lg">
            {remaining === null ? t('timeOff.balances.unlimited') : t('timeOff.balances.remaining', { amount: texts.amount(remaining, type.countsAs) })}
          </Text>
          <Text size="xs" c="dimmed">
            {t('timeOff.balances.approved', { amount: texts.amount(approved, type.countsAs) })}
          </Text>
          {Number(pending) > 0 && <Text size="xs">{t('timeOff.balances.pending', { amount: texts.amount(pending, type.countsAs) })}</Text>}
        </Paper>
      ))}
    </SimpleGrid>
  )
}
