import { Badge, Stack, Table, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import type { InventoryAlertsQuery } from '../../gql/graphql.ts'
import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { DateBar } from '../../ui/DateBar.tsx'
import { dateIn } from '../../ui/dates.ts'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'

const InventoryAlertsDocument = graphql(`
  query InventoryAlerts($asOf: LocalDate!) {
    inventoryAlerts(asOf: $asOf) {
      asOf
      outOfStock {
        onHand
        criticalLevel
        product {
          id
          sku
          name
          category
          unitCode
        }
      }
      low {
        onHand
        criticalLevel
        product {
          id
          sku
          name
          category
          unitCode
        }
      }
      expiring {
        onHand
        expiresOn
        daysLeft
        lot {
          id
          number
        }
        product {
          id
          sku
          name
          category
          unitCode
        }
      }
    }
  }
`)

type Alerts = InventoryAlertsQuery['inventoryAlerts']
const route = getRouteApi('/signed-in/inventory/alerts')

export function InventoryAlertsPage() {
  const { t } = useTranslation('inventory')
  const { clinic } = useViewer()
  const format = useFormat()
  const navigate = useNavigate({ from: '/inventory/alerts' })
  const { asOf: asked } = route.useSearch()
  const today = dateIn(clinic.timeZone, new Date())
  const asOf = asked ?? today
  const [result, retry] = useQuery({ query: InventoryAlertsDocument, variables: { asOf } })
  const chooseDate = (date: string) => void navigate({ search: { asOf: date === today ? undefined : date } })
  return (
    <Page
      title={t('title')}
      lead={t('asOf', { date: format.longDate(asOf) })}
      actions={<DateBar date={asOf} today={today} label={t('dateLabel')} onChange={chooseDate} />}
    >
      <QueryView result={result} onRetry={retry} skeletonHeight={320}>
        {(data) => <AlertSections alerts={data.inventoryAlerts} />}
      </QueryView>
    </Page>
  )
}

function AlertSections({ alerts }: { alerts: Alerts }) {
  const { t } = useTranslation('inventory')
  const format = useFormat()
  if (alerts.outOfStock.length + alerts.low.length + alerts.expiring.length === 0) {
    return (
      <StateMessage icon={<IconCircleCheck size={34} stroke={1.5} />} title={t('allGood.title')}>
        {t('allGood.text')}
      </StateMessage>
    )
  }
  return (
    <Stack gap="md">
      <StockSection title={t('out.title')} empty={t('out.empty')} colour="clay" badge={t('out.badge')} alerts={alerts.outOfStock} />
      <StockSection title={t('low.title')} empty={t('low.empty')} colour="amber" badge={t('low.badge')} alerts={alerts.low} />
      <Section title={`${t('expiring.title')} (${alerts.expiring.length})`}>
        {alerts.expiring.length === 0 ? (
          <Text c="dimmed">{t('expiring.empty')}</Text>
        ) : (
          <DataTable
            label={t('expiring.title')}
            columns={[
              { label: t('columns.product'), width: '34%' },
              { label: t('columns.lot'), isSecondary: true },
              { label: t('columns.expires') },
              { label: t('columns.onHand'), isNumeric: true },
              { label: t('columns.state'), isSecondary: true },
            ]}
          >
            {alerts.expiring.map((alert) => (
              <Table.Tr key={alert.lot.id}>
                <ProductCell product={alert.product} lot={alert.lot.number} />
                <Table.Td visibleFrom="sm">{alert.lot.number}</Table.Td>
                <Table.Td>{format.date(alert.expiresOn)}</Table.Td>
                <QuantityCell value={alert.onHand} unit={alert.product.unitCode} />
                <Table.Td visibleFrom="sm">
                  <Badge color={alert.daysLeft <= 7 ? 'clay' : 'amber'}>{alert.daysLeft < 0 ? t('expired') : t('daysLeft', { count: alert.daysLeft })}</Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </DataTable>
        )}
      </Section>
    </Stack>
  )
}

type StockSectionProps = { title: string; empty: string; colour: string; badge: string; alerts: Alerts['low'] }

function StockSection({ title, empty, colour, badge, alerts }: StockSectionProps) {
  const { t } = useTranslation('inventory')
  return (
    <Section title={`${title} (${alerts.length})`}>
      {alerts.length === 0 ? (
        <Text c="dimmed">{empty}</Text>
      ) : (
        <DataTable
          label={title}
          columns={[
            { label: t('columns.product'), width: '34%' },
            { label: t('columns.category'), isSecondary: true },
            { label: t('columns.onHand'), isNumeric: true },
            { label: t('columns.threshold'), isNumeric: true },
            { label: t('columns.state'), isSecondary: true },
          ]}
        >
          {alerts.map((alert) => (
            <StockRow key={alert.product.id} alert={alert} colour={colour} badge={badge} />
          ))}
        </DataTable>
      )}
    </Section>
  )
}

function StockRow({ alert, colour, badge }: { alert: Alerts['low'][number]; colour: string; badge: string }) {
  const label = useCodeLabel()
  return (
    <Table.Tr>
      <ProductCell product={alert.product} />
      <Table.Td visibleFrom="sm">{label('productCategory', alert.product.category)}</Table.Td>
      <QuantityCell value={alert.onHand} unit={alert.product.unitCode} />
      <QuantityCell value={alert.criticalLevel} unit={alert.product.unitCode} />
      <Table.Td visibleFrom="sm">
        <Badge color={colour}>{badge}</Badge>
      </Table.Td>
    </Table.Tr>
  )
}

function ProductCell({ product, lot }: { product: Alerts['low'][number]['product']; lot?: string }) {
  return (
    <Table.Td>
      {product.name} <WhoSawThis name={product.name} recordId={product.id} isIcon />
      <Text component="span" size="xs" c="dimmed" display="block">
        {product.sku}
        {lot !== undefined && (
          <Text component="span" inherit hiddenFrom="sm">
            {' '}
            · {lot}
          </Text>
        )}
      </Text>
    </Table.Td>
  )
}

function QuantityCell({ value, unit }: { value: string; unit: string }) {
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <Table.Td ta="right">
      {format.decimal(value)}{' '}
      <Text component="span" size="xs" c="dimmed">
        {label('unit', unit)}
      </Text>
    </Table.Td>
  )
}
