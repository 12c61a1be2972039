import { Center } from '@mantine/core'
import { IconMapQuestion } from '@tabler/icons-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'

import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'

export function NotFoundPage() {
  const { t } = useTranslation()
  const title = t('notFound.title')
  useEffect(() => {
    document.title = `${title} · Chiron`
  }, [title])
  const home = <TextLink to="/">{t('notFound.home')}</TextLink>
  return (
    <Center component="main" mih="70dvh">
      <StateMessage icon={<IconMapQuestion size={34} stroke={1.5} />} title={title} action={home}>
        {t('notFound.text')}
      </StateMessage>
    </Center>
  )
}
