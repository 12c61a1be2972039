import { Button } from '@mantine/core'
import { IconCloudOff, IconLock, IconRefreshAlert, IconShieldExclamation } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import type { Failure } from './failure.ts'
import { StateMessage } from './ui/StateMessage.tsx'
import { useCodeLabel } from './use-code-label.ts'
import { useFailureText } from './use-failure-text.ts'

/** A screen's or panel's content when it could not be shown, with the way out. */
export function FailureState({ failure, onRetry }: { failure: Failure; onRetry?: () => void }) {
  const { t } = useTranslation('errors')
  const textOf = useFailureText()
  if (failure.kind === 'forbidden') return <ForbiddenState permission={failure.permission} roles={failure.roles} />
  const icons = { offline: <IconCloudOff size={34} stroke={1.5} />, notRecorded: <IconShieldExclamation size={34} stroke={1.5} /> }
  const icon = failure.kind === 'offline' || failure.kind === 'notRecorded' ? icons[failure.kind] : <IconRefreshAlert size={34} stroke={1.5} />
  const retry = onRetry && (
    <Button variant="default" onClick={onRetry}>
      {t('retry')}
    </Button>
  )
  return (
    <StateMessage isAlert icon={icon} title={t(`titles.${failure.kind}`)} action={retry}>
      {textOf(failure)}
    </StateMessage>
  )
}

type ForbiddenStateProps = { permission: string | null; roles: readonly string[] }

/** Says which right is missing and which roles carry it, so that the reader knows whom to ask. */
export function ForbiddenState({ permission, roles }: ForbiddenStateProps) {
  const { t, i18n } = useTranslation('errors')
  const label = useCodeLabel()
  const names = new Intl.ListFormat(i18n.language, { type: 'disjunction' }).format(roles.map((role) => label('role', role)))
  return (
    <StateMessage icon={<IconLock size={34} stroke={1.5} />} title={t('titles.forbidden')}>
      {permission !== null && <div>{t('missingPermission', { permission: label('permission', permission) })}</div>}
      {roles.length > 0 ? <div>{t('carriedBy', { roles: names })}</div> : <div>{t('askOwner')}</div>}
    </StateMessage>
  )
}
