import { Alert, Button, Group, Text } from '@mantine/core'
import { IconCircleCheck, IconHelpCircle } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import type { ExplainSlotQuery } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import type { Kind, OpenSlot } from './BookDrawer.tsx'
import { instantAt } from './instant-at.ts'
import type { Place } from './PlaceFields.tsx'
import { ExplainSlot } from './slot-documents.ts'

type Explanation = ExplainSlotQuery['explainSlot']
type WhyNotProps = { type: Kind; place: Place; onTake: (slot: OpenSlot) => void }

/** Whether the chosen time is free and, if not, everything that stands in its way. Asked for: most people book and see. */
export function WhyNot({ type, place, onTake }: WhyNotProps) {
  const { t } = useTranslation('schedule')
  const { timeZone } = useFormat()
  const startsAt = instantAt(place.date, place.minute, timeZone)
  const input = { typeId: type.id, startsAt, staffIds: place.staffId === '' ? null : [place.staffId], roomIds: place.roomId === null ? null : [place.roomId] }
  const question = JSON.stringify(input)
  const [asked, setAsked] = useState<string | null>(null)
  const [result, retry] = useQuery({ query: ExplainSlot, variables: { input }, pause: asked !== question, requestPolicy: 'network-only' })
  if (asked !== question) {
    return (
      <Button variant="subtle" size="compact-sm" leftSection={<IconHelpCircle size={16} />} onClick={() => setAsked(question)} style={{ alignSelf: 'start' }}>
        {t('whyNot.ask')}
      </Button>
    )
  }
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={60}>
      {(data) => <Answer explanation={data.explainSlot} date={place.date} onTake={onTake} />}
    </QueryView>
  )
}

function Answer({ explanation, date, onTake }: { explanation: Explanation; date: string; onTake: (slot: OpenSlot) => void }) {
  const { t } = useTranslation('schedule')
  const format = useFormat()
  const label = useCodeLabel()
  if (explanation.isOpen) {
    return (
      <Alert role="status" color="pine" variant="light" icon={<IconCircleCheck size={18} />}>
        {t('whyNot.free')}
      </Alert>
    )
  }
  const isOn = (instant: string) => dateIn(format.timeZone, new Date(instant)) === date
  const textOf = (instant: string) => (isOn(instant) ? format.time(instant) : format.dateTime(instant))
  return (
    <Alert role="status" color="amber" variant="light" title={t('whyNot.title')}>
      <ul style={{ margin: 0, paddingLeft: 18 }}>
        {explanation.obstacles.map(({ reason, resourceKind, resourceName, startsAt, endsAt }) => (
          <li key={`${reason} ${resourceKind} ${resourceName} ${startsAt}`}>
            {resourceName ?? (resourceKind && label('resourceKind', resourceKind))}
            {resourceKind !== null && ': '}
            {label('obstacle', reason)}
            {startsAt !== null && endsAt !== null && `, ${textOf(startsAt)} – ${textOf(endsAt)}`}
          </li>
        ))}
      </ul>
      {explanation.nextSlots.length > 0 && (
        <>
          <Text size="sm" mt={6} mb={4}>
            {t('conflict.next')}
          </Text>
          <Group gap={6}>
            {explanation.nextSlots.map((slot) => (
              <Button key={slot.startsAt} size="compact-sm" variant="default" onClick={() => onTake(slot)}>
                {textOf(slot.startsAt)}
              </Button>
            ))}
          </Group>
        </>
      )}
    </Alert>
  )
}
