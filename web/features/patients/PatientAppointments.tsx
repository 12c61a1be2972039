import { Anchor, Table } from '@mantine/core'
import { IconCalendarOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { StatusBadge } from '../scheduling/StatusBadge.tsx'

const PatientAppointmentsQuery = graphql(`
  query PatientAppointments($id: UUID!) {
    patient(id: $id) {
      id
      appointments(first: 50) {
        edges {
          node {
            id
            startsAt
            status
            reason
            type {
              id
              name
            }
            staff {
              id
              name
            }
          }
        }
      }
    }
  }
`)

export function PatientAppointments({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const format = useFormat()
  const [result, retry] = useQuery({ query: PatientAppointmentsQuery, variables: { id: patientId } })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={160}>
      {(data) => {
        const appointments = data.patient?.appointments.edges.map((edge) => edge.node) ?? []
        if (appointments.length === 0) return <NoAppointments />
        return (
          <Table.ScrollContainer minWidth={460}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('columns.when')}</Table.Th>
                  <Table.Th>{t('columns.type')}</Table.Th>
                  <Table.Th>{t('columns.staff')}</Table.Th>
                  <Table.Th>{t('columns.status')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {appointments.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <Anchor component={Link} to="/schedule" search={{ date: dateIn(format.timeZone, new Date(one.startsAt)), open: one.id }}>
                        {format.dateTime(one.startsAt)}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{one.type.name}</Table.Td>
                    <Table.Td>{one.staff.name}</Table.Td>
                    <Table.Td>
                      <StatusBadge status={one.status} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )
      }}
    </QueryView>
  )
}

function NoAppointments() {
  const { t } = useTranslation('patients')
  const action = (
    <Anchor component={Link} to="/schedule" search={{}}>
      {t('noAppointments.action')}
    </Anchor>
  )
  return <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('noAppointments.title')} action={action} />
}
