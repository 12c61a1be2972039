import { Anchor, Center } from '@mantine/core'
import { IconMapQuestion } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import { StateMessage } from '../../ui/StateMessage.tsx'

export function NotFoundPage() {
  const { t } = useTranslation()
  const home = (
    <Anchor component={Link} to="/">
      {t('notFound.home')}
    </Anchor>
  )
  return (
    <Center component="main" mih="70dvh">
      <StateMessage icon={<IconMapQuestion size={34} stroke={1.5} />} title={t('notFound.title')} action={home}>
        {t('notFound.text')}
      </StateMessage>
    </Center>
  )
}
