import { Badge, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconBan, IconCalendarCheck, IconCalendarX, IconCircleCheck, IconClock, IconHourglass, IconInfinity } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { CredentialFieldsFragment, CredentialState } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'

const COLOUR_OF: Record<CredentialState, string> = {
  RECORDED: 'gray',
  VERIFIED: 'pine',
  SUSPENDED: 'amber',
  REVOKED: 'clay',
  EXPIRED: 'clay',
  EXPIRING: 'amber',
}
const ICON_OF = {
  RECORDED: IconClock,
  VERIFIED: IconCircleCheck,
  SUSPENDED: IconAlertTriangle,
  REVOKED: IconBan,
  EXPIRED: IconCalendarX,
  EXPIRING: IconHourglass,
}

/** What somebody must know of a credential first; when the date is what matters, whether it was verified as well. */
export function StandingBadges({ credential: { state, status } }: { credential: Pick<CredentialFieldsFragment, 'state' | 'status'> }) {
  const label = useCodeLabel()
  const Icon = ICON_OF[state]
  return (
    <Group gap={4}>
      <Badge color={COLOUR_OF[state]} leftSection={<Icon size={13} aria-hidden="true" />}>
        {label('credentialState', state)}
      </Badge>
      {(state === 'EXPIRED' || state === 'EXPIRING') && <Badge color={status === 'verified' ? 'pine' : 'gray'}>{label('credentialStatus', status)}</Badge>}
    </Group>
  )
}

/** Until when it is valid, and how soon that is, in words and by a sign. */
export function Expiry({ credential: { expiresOn, daysLeft } }: { credential: Pick<CredentialFieldsFragment, 'expiresOn' | 'daysLeft'> }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  if (expiresOn === null || daysLeft === null)
    return (
      <Group gap={6} wrap="nowrap" component="span">
        <IconInfinity size={16} aria-hidden="true" /> {t('credential.noExpiry')}
      </Group>
    )
  const Icon = daysLeft < 0 ? IconCalendarX : daysLeft <= SOON_DAYS ? IconHourglass : IconCalendarCheck
  return (
    <Group gap={6} wrap="nowrap" component="span" align="start">
      <Icon size={16} aria-hidden="true" style={{ flex: 'none', marginTop: 2 }} />
      <span>
        {format.date(expiresOn)}
        <Text component="span" size="xs" c="dimmed" display="block">
          {daysLeft < 0
            ? t('credential.expiredFor', { count: -daysLeft })
            : daysLeft === 0
              ? t('credential.lastDay')
              : t('credential.daysLeft', { count: daysLeft })}
        </Text>
      </span>
    </Group>
  )
}

const SOON_DAYS = 90
