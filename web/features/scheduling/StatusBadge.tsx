import { Badge } from '@mantine/core'

import type { AppointmentStatus } from '../../gql/graphql.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { STATUS_COLOUR } from './status.ts'

export function StatusBadge({ status }: { status: AppointmentStatus }) {
  const label = useCodeLabel()
  return <Badge color={STATUS_COLOUR[status]}>{label('status', status)}</Badge>
}
