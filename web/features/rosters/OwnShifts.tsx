import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import { IconCalendarOff } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { readFragment } from '../../gql/index.ts'
import { useViewer } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { AskSwapDrawer } from './AskSwapDrawer.tsx'
import { ReleaseDialog } from './ReleaseDialog.tsx'
import type { Shift } from './roster-week.ts'
import { ShiftSwapsDocument, SwapFields } from './trade-documents.ts'
import { useRosterTexts } from './use-roster-texts.ts'

type Own = { readonly shift: Shift; readonly clinic: { readonly id: string; readonly name: string } }

/** The reader's own shifts at every clinic, each with the ways to give it away. */
export function OwnShifts({ shifts, period }: { shifts: readonly Own[]; period: string }) {
  const { t } = useTranslation('rosters')
  const [releasing, setReleasing] = useState<Shift | null>(null)
  const [swapping, setSwapping] = useState<Shift | null>(null)
  const asked = useAsked()
  return (
    <Section
      title={t('shifts.own')}
      aside={
        <Text size="sm" c="dimmed">
          {period}
        </Text>
      }
    >
      {shifts.length === 0 && (
        <StateMessage
          icon={<IconCalendarOff size={34} stroke={1.5} />}
          title={t('shifts.none')}
          action={<TextLink to="/staff/schedules">{t('shifts.roster')}</TextLink>}
        >
          {t('shifts.noneText')}
        </StateMessage>
      )}
      <Stack gap="xs">
        {shifts.map((own) => (
          <OwnShift key={own.shift.id} own={own} isAsked={asked.has(own.shift.id)} onRelease={setReleasing} onSwap={setSwapping} />
        ))}
      </Stack>
      <ReleaseDialog shift={releasing} onClose={() => setReleasing(null)} />
      <AskSwapDrawer shift={swapping} onClose={() => setSwapping(null)} />
    </Section>
  )
}

/** Shifts for which a swap waits already. */
function useAsked(): ReadonlySet<string> {
  const [{ data }] = useQuery({
    query: ShiftSwapsDocument,
    variables: { includeClosed: false, first: 100 },
  })
  return new Set((data?.shiftSwaps.edges ?? []).map(({ node }) => readFragment(SwapFields, node).shift.id))
}

type OwnShiftProps = { own: Own; isAsked: boolean; onRelease: (shift: Shift) => void; onSwap: (shift: Shift) => void }

function OwnShift({ own, isAsked, onRelease, onSwap }: OwnShiftProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const { shift, clinic } = own
  return (
    <Paper component="article" withBorder p="sm" aria-label={texts.shift(shift)} style={{ borderLeft: `5px solid ${shift.template?.colour ?? 'transparent'}` }}>
      <Group justify="space-between" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Text fw={600}>
            {texts.longDay(shift.date)}, {texts.times(shift)}
          </Text>
          <Text size="sm">
            {texts.kind(shift)} · {clinic.name}
          </Text>
          {shift.breakStart !== null && shift.breakEnd !== null && (
            <Text size="sm" c="dimmed">
              {t('times.break', { start: shift.breakStart, end: shift.breakEnd })}
            </Text>
          )}
          {shift.note !== null && (
            <Text size="sm" c="dimmed">
              {shift.note}
            </Text>
          )}
        </div>
        {new Date(shift.startsAt) > new Date() && <Ways own={own} isAsked={isAsked} onRelease={onRelease} onSwap={onSwap} />}
      </Group>
    </Paper>
  )
}

/** How a shift to come is given away: at the clinic where it is, because swaps belong to it. */
function Ways({ own: { shift, clinic }, isAsked, onRelease, onSwap }: OwnShiftProps) {
  const { t } = useTranslation('rosters')
  const texts = useRosterTexts()
  const { clinic: active } = useViewer()
  const day = texts.shift(shift)
  if (clinic.id !== active.id)
    return (
      <Text size="sm" c="dimmed">
        {t('shifts.elsewhere')}
      </Text>
    )
  return (
    <Group gap="xs">
      {isAsked ? (
        <>
          <Badge color="amber">{t('shifts.asked')}</Badge>
          <TextLink to="/staff/swaps">{t('shifts.seeSwap')}</TextLink>
        </>
      ) : (
        <Button variant="default" size="xs" aria-label={t('ask.openFor', { shift: day })} onClick={() => onSwap(shift)}>
          {t('ask.open')}
        </Button>
      )}
      <Button variant="subtle" color="clay" size="xs" aria-label={t('release.openFor', { shift: day })} onClick={() => onRelease(shift)}>
        {t('release.open')}
      </Button>
    </Group>
  )
}
