import { Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { useCodeLabel } from '../../use-code-label.ts'

const SummaryServices = graphql(`
  fragment SummaryServices on DailySummary {
    services {
      category
      count
    }
  }
`)

const SummaryTopProducts = graphql(`
  fragment SummaryTopProducts on DailySummary {
    topProducts {
      name
      quantity
      revenue {
        minorUnits
        currency
      }
    }
  }
`)

export function ServicesTable({ summary }: { summary: FragmentType<typeof SummaryServices> }) {
  const { t } = useTranslation('today')
  const label = useCodeLabel()
  const { services } = readFragment(SummaryServices, summary)
  if (services.length === 0) return <Text c="dimmed">{t('services.empty')}</Text>
  return (
    <DataTable label={t('services.title')} columns={[{ label: t('services.category') }, { label: t('services.count'), isNumeric: true }]}>
      {services.map((service) => (
        <Table.Tr key={service.category}>
          <Table.Td>{label('serviceCategory', service.category)}</Table.Td>
          <Table.Td ta="right">{service.count}</Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  )
}

export function TopProductsTable({ summary }: { summary: FragmentType<typeof SummaryTopProducts> }) {
  const { t } = useTranslation('today')
  const format = useFormat()
  const { topProducts } = readFragment(SummaryTopProducts, summary)
  if (topProducts.length === 0) return <Text c="dimmed">{t('products.empty')}</Text>
  return (
    <DataTable
      label={t('products.title')}
      columns={[{ label: t('products.name') }, { label: t('products.quantity'), isNumeric: true }, { label: t('products.revenue'), isNumeric: true }]}
    >
      {topProducts.map((product) => (
        <Table.Tr key={product.name}>
          <Table.Td>{product.name}</Table.Td>
          <Table.Td ta="right">{format.decimal(product.quantity)}</Table.Td>
          <Table.Td ta="right">{format.money(product.revenue)}</Table.Td>
        </Table.Tr>
      ))}
    </DataTable>
  )
}
