import { Badge, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useFormat } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import classes from './Today.module.css'

const SummaryAlerts = graphql(`
  fragment SummaryAlerts on InventoryAlerts {
    outOfStock {
      product {
        id
        name
      }
      criticalLevel
    }
    low {
      product {
        id
        name
      }
      onHand
      criticalLevel
    }
    expiring {
      lot {
        id
        number
      }
      product {
        id
        name
      }
      expiresOn
      daysLeft
    }
  }
`)

/** Stock that needs somebody, as it stood at the end of the summary's day. */
export function AlertsPanel({ alerts: masked, asOf }: { alerts: FragmentType<typeof SummaryAlerts>; asOf: string }) {
  const { t } = useTranslation('today')
  const format = useFormat()
  const alerts = readFragment(SummaryAlerts, masked)
  const count = alerts.outOfStock.length + alerts.low.length + alerts.expiring.length
  const more = (
    <TextLink to="/inventory/alerts" search={{ asOf }} size="sm">
      {t('alerts.open')}
    </TextLink>
  )
  return (
    <Section title={t('alerts.title', { count })} aside={more} style={{ height: '100%' }}>
      {count === 0 && (
        <Text c="dimmed">
          <IconCircleCheck size={17} aria-hidden="true" style={{ verticalAlign: '-3px' }} /> {t('alerts.none')}
        </Text>
      )}
      {alerts.outOfStock.map((alert) => (
        <AlertLine key={alert.product.id} name={alert.product.name} badge={t('alerts.out')} colour="clay">
          {t('alerts.threshold', { level: format.decimal(alert.criticalLevel) })}
        </AlertLine>
      ))}
      {alerts.low.map((alert) => (
        <AlertLine key={alert.product.id} name={alert.product.name} badge={t('alerts.low')} colour="amber">
          {t('alerts.left', { left: format.decimal(alert.onHand), level: format.decimal(alert.criticalLevel) })}
        </AlertLine>
      ))}
      {alerts.expiring.map((alert) => (
        <AlertLine key={alert.lot.id} name={`${alert.product.name} · ${alert.lot.number}`} badge={t('alerts.expiring')} colour="gray">
          {t('alerts.expires', { date: format.date(alert.expiresOn), count: alert.daysLeft })}
        </AlertLine>
      ))}
    </Section>
  )
}

function AlertLine({ name, badge, colour, children }: { name: string; badge: string; colour: string; children: string }) {
  return (
    <div className={classes.alert}>
      <span>{name}</span>
      <Badge color={colour}>{badge}</Badge>
      <Text size="xs" c="dimmed" style={{ gridColumn: '1 / -1' }}>
        {children}
      </Text>
    </div>
  )
}
