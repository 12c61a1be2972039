import { Menu } from '@mantine/core'
import { IconLogin2, IconLogout2 } from '@tabler/icons-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { notify } from '../../notify.ts'
import { useViewer } from '../../session/viewer.ts'
import { useClock } from './use-clock.ts'
import { useReach } from './use-reach.ts'

/** Coming and going, within reach of everybody on the staff from every screen. */
export function ClockMenuItem() {
  const { staffId } = useViewer()
  const reach = useReach(staffId ?? '')
  if (staffId === null || !reach('attendance:record') || !reach('attendance:read')) return null
  return <Item staffId={staffId} />
}

function Item({ staffId }: { staffId: string }) {
  const { t } = useTranslation('people')
  const { since, toggle, problem, isRunning } = useClock(staffId)
  const isThere = typeof since === 'string'
  useEffect(() => {
    if (problem !== null) notify({ color: 'clay', message: problem, role: 'alert' })
  }, [problem])
  return (
    <Menu.Item
      leftSection={isThere ? <IconLogout2 size={16} /> : <IconLogin2 size={16} />}
      disabled={since === undefined || isRunning}
      // The menu stays, so that what it says next is seen, and a refusal is told.
      closeMenuOnClick={false}
      onClick={() => void toggle()}
    >
      {t(isThere ? 'clock.out' : 'clock.in')}
    </Menu.Item>
  )
}
