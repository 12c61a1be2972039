import { Button, Center } from '@mantine/core'
import { IconRefreshAlert } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { StateMessage } from '../../ui/StateMessage.tsx'

/** A defect of the screen itself, or a part of the application that a newer release has replaced. */
export function CrashState() {
  const { t } = useTranslation('errors')
  const reload = <Button onClick={() => window.location.reload()}>{t('reload')}</Button>
  return (
    <Center mih="60dvh">
      <StateMessage isAlert icon={<IconRefreshAlert size={34} stroke={1.5} />} title={t('titles.unexpected')} action={reload}>
        {t('crash')}
      </StateMessage>
    </Center>
  )
}
