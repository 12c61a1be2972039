import { Table } from '@mantine/core'
import { IconReceiptOff } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'

const PatientInvoicesQuery = graphql(`
  query PatientInvoices($id: UUID!) {
    patient(id: $id) {
      id
      invoices(first: 50) {
        edges {
          node {
            id
            number
            kind
            businessDate
            total {
              minorUnits
              currency
            }
            balance {
              minorUnits
              currency
            }
          }
        }
      }
    }
  }
`)

export function PatientInvoices({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const format = useFormat()
  const label = useCodeLabel()
  const [result, retry] = useQuery({ query: PatientInvoicesQuery, variables: { id: patientId } })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={160}>
      {(data) => {
        const invoices = data.patient?.invoices?.edges.map((edge) => edge.node) ?? []
        if (invoices.length === 0) {
          return (
            <StateMessage icon={<IconReceiptOff size={34} stroke={1.5} />} title={t('noInvoices.title')}>
              {t('noInvoices.text')}
            </StateMessage>
          )
        }
        return (
          <DataTable
            label={t('tabs.invoices')}
            minWidth={460}
            columns={[
              { label: t('columns.number') },
              { label: t('columns.date') },
              { label: t('columns.kind') },
              { label: t('columns.total'), isNumeric: true },
              { label: t('columns.balance'), isNumeric: true },
            ]}
          >
            {invoices.map((invoice) => (
              <Table.Tr key={invoice.id}>
                <Table.Td style={{ whiteSpace: 'nowrap' }}>
                  {invoice.number} <WhoSawThis name={invoice.number} recordId={invoice.id} isIcon />
                </Table.Td>
                <Table.Td>{format.date(invoice.businessDate)}</Table.Td>
                <Table.Td>{label('invoiceKind', invoice.kind)}</Table.Td>
                <Table.Td ta="right">{format.money(invoice.total)}</Table.Td>
                <Table.Td ta="right">{format.money(invoice.balance)}</Table.Td>
              </Table.Tr>
            ))}
          </DataTable>
        )
      }}
    </QueryView>
  )
}
