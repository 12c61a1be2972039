import { useTranslation } from 'react-i18next'

import { useCan } from '../../session/viewer.ts'
import { TextLink } from '../../ui/TextLink.tsx'
import type { WaitlistWish } from './waitlist-search.ts'

/** For a client who would rather wait for a slot than take what is free: the form, filled in with what is known. */
export function WaitlistLink({ wish }: { wish: WaitlistWish }) {
  const { t } = useTranslation('desk')
  const can = useCan()
  if (!can('appointment:create')) return null
  return (
    <TextLink to="/schedule/waitlist" search={{ ...wish, add: 'entry' }} size="sm">
      {t('waitlist.addInstead')}
    </TextLink>
  )
}
