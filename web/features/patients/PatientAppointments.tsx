import { Table } from '@mantine/core'
import { IconCalendarOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { dateIn } from '../../ui/dates.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
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
        const appointments = data.patient?.appointments?.edges.map((edge) => edge.node) ?? []
        if (appointments.length === 0) return <NoAppointments />
        return (
          <DataTable
            label={t('tabs.appointments')}
            minWidth={460}
            columns={[{ label: t('columns.when') }, { label: t('columns.type') }, { label: t('columns.staff') }, { label: t('columns.status') }]}
          >
            {appointments.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <TextLink to="/schedule" search={{ date: dateIn(format.timeZone, new Date(one.startsAt)), open: one.id }}>
                    {format.dateTime(one.startsAt)}
                  </TextLink>
                </Table.Td>
                <Table.Td>{one.type.name}</Table.Td>
                <Table.Td>{one.staff.name}</Table.Td>
                <Table.Td>
                  <StatusBadge status={one.status} />
                </Table.Td>
              </Table.Tr>
            ))}
          </DataTable>
        )
      }}
    </QueryView>
  )
}

function NoAppointments() {
  const { t } = useTranslation('patients')
  const action = (
    <TextLink to="/schedule" search={{}}>
      {t('noAppointments.action')}
    </TextLink>
  )
  return <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={t('noAppointments.title')} action={action} />
}
