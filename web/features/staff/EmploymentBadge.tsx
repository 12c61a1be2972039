import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'

/** Whether somebody works here: still, until a day, or no longer. */
export function EmploymentBadge({ member }: { member: Pick<PersonFieldsFragment, 'isActive' | 'terminatedOn'> }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const { isActive, terminatedOn } = member
  const hasLeft = !isActive || (terminatedOn !== null && terminatedOn < dateIn(format.timeZone, new Date()))
  if (hasLeft) return <Badge color="gray">{t('status.left')}</Badge>
  if (terminatedOn !== null) return <Badge color="amber">{t('status.until', { date: format.date(terminatedOn) })}</Badge>
  return <Badge color="pine">{t('status.active')}</Badge>
}
