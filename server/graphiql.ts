import { randomBytes } from 'node:crypto'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { holds, type UserActor } from '../modules/kernel/actor.ts'
import type { Answer } from './http.ts'
import { graphiqlPolicy } from './security-headers.ts'

const DAILY_SUMMARY = `# Day of the clinic: revenue, visits, products, alerts
query DailySummary($date: LocalDate) {
  dailySummary(date: $date) {
    date
    revenue { minorUnits currency }
    serviceRevenue { minorUnits }
    productRevenue { minorUnits }
    appointments { total completed noShow cancelled }
    services { category count }
    topProducts { name quantity revenue { minorUnits } }
    comparison { date revenue { minorUnits } changePercent }
    alerts { low { product { name } onHand criticalLevel } expiring { lot { number } product { name } expiresOn } }
  }
}`
const DAY_SCHEDULE = (date: string) => `# Who sees whom, when, and where
query DaySchedule($date: LocalDate! = "${date}") {
  daySchedule(date: $date) {
    date
    appointments { startsAt endsAt status patient { name client { name } } type { name } staff { name } room { name } }
  }
}`
const STOCK_ALERTS = `# What to reorder and what expires
query StockAlerts($asOf: LocalDate) {
  inventoryAlerts(asOf: $asOf) {
    asOf
    outOfStock { product { name } }
    low { product { name } onHand criticalLevel }
    expiring { lot { number } product { name } onHand expiresOn daysLeft }
  }
}`

/** The saved queries with which GraphiQL opens. */
export function savedQueries(today: string): string[] {
  return [DAILY_SUMMARY, DAY_SCHEDULE(today), STOCK_ALERTS]
}

/**
 * The page for owners and administrators, whole and offline. The browser opens it by itself, so it comes with an access
 * token of the session behind the cookie; nothing stores it.
 */
export function graphiqlPage(viewer: UserActor | null, accessToken: string | null, today: string): Answer {
  if (viewer === null || accessToken === null) return { status: 302, headers: { Location: '/sign-in?next=%2Fgraphiql', 'Cache-Control': 'no-store' } }
  if (!holds(viewer, 'graphql:adhoc'))
    return {
      status: 403,
      headers: { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' },
      body: 'GraphiQL is for people with the permission graphql:adhoc (owners and administrators).',
    }
  const nonce = randomBytes(16).toString('base64')
  const page = renderGraphiQL({
    title: 'Chiron GraphiQL',
    endpoint: '/graphql',
    credentials: 'same-origin',
    defaultTabs: savedQueries(today).map((query) => ({ query })),
    headers: JSON.stringify({ authorization: `Bearer ${accessToken}`, 'x-clinic-id': viewer.clinic.id, 'x-chiron-origin': 'graphiql' }),
    shouldPersistHeaders: false,
  })
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store', 'Content-Security-Policy': graphiqlPolicy(nonce) },
    // The page has one script element; what follows in its text is code that mentions the tag.
    body: page.replace('<script>', `<script nonce="${nonce}">`),
  }
}
