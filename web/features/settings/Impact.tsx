import { Alert, List, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { UseQueryExecute, UseQueryState } from 'urql'
import { useQuery } from 'urql'

import type { AffectedVisitFieldsFragment, ClosingImpactQuery, HolidayImpactQuery } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { TextLink } from '../../ui/TextLink.tsx'
import { AffectedVisitFields, ClosingImpactDocument, HolidayImpactDocument } from './closing-documents.ts'
import type { Interval } from './use-closed-time.ts'

type Answer = ClosingImpactQuery | HolidayImpactQuery
type ImpactProps = { interval: Interval; roomId?: string | null; equipmentId?: string | null; children: ReactNode }

/** The visits that closing a time would touch, and only beneath them what closes it: nobody closes a time unseen. */
export function Impact({ interval, roomId = null, equipmentId = null, children }: ImpactProps) {
  const answer = useQuery({ query: ClosingImpactDocument, variables: { ...interval, roomId, equipmentId }, requestPolicy: 'network-only' })
  return <Shown answer={answer}>{children}</Shown>
}

/** The same for all public holidays of a year on which the clinic is open. */
export function HolidayImpact({ year, children }: { year: number; children: ReactNode }) {
  const answer = useQuery({ query: HolidayImpactDocument, variables: { year }, requestPolicy: 'network-only' })
  return <Shown answer={answer}>{children}</Shown>
}

function Shown({ answer: [result, retry], children }: { answer: readonly [UseQueryState<Answer>, UseQueryExecute]; children: ReactNode }) {
  return (
    <QueryView result={result} onRetry={() => retry({ requestPolicy: 'network-only' })} skeletonHeight={60}>
      {({ impact }) => (
        <>
          <AffectedVisits visits={readFragment(AffectedVisitFields, impact.visits)} />
          {children}
        </>
      )}
    </QueryView>
  )
}

function AffectedVisits({ visits }: { visits: readonly AffectedVisitFieldsFragment[] }) {
  const { t } = useTranslation('settings')
  const format = useFormat()
  if (visits.length === 0)
    return (
      <Alert role="status" color="pine" variant="light" icon={<IconCircleCheck size={18} />}>
        {t('impact.none')}
      </Alert>
    )
  return (
    <Alert role="status" color="amber" variant="light" icon={<IconAlertTriangle size={18} />} title={t('impact.title', { count: visits.length })}>
      <Text size="sm" mb={4}>
        {t('impact.text')}
      </Text>
      <List size="sm">
        {visits.map(({ id, startsAt, patient, type, staff }) => (
          <List.Item key={id}>
            <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(startsAt)), open: id }}>
              {format.dateTime(startsAt)}
            </TextLink>{' '}
            · {patient.name} · {type.name} · {staff.name}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}
