import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconCalendarCheck, IconCalendarOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Provider, useQuery } from 'urql'
import type { PublicPageQuery } from '../../gql/graphql.ts'
import { QueryView } from '../../QueryView.tsx'
import { gateway } from '../../session/gateway.ts'
import { capitalised } from '../../ui/capitalised.ts'
import { createFormat, type Format } from '../../ui/format.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { PublicFrame } from '../access/PublicFrame.tsx'
import classes from './Booking.module.css'
import { PublicPageDocument } from './booking-documents.ts'
import type { BookingSearch } from './booking-search.ts'
import { EMPTY, RequestForm, type Wish } from './RequestForm.tsx'
import { StartChoice } from './StartChoice.tsx'

const route = getRouteApi('/book/$slug')

export type PublicPage = NonNullable<PublicPageQuery['publicBookingPage']>
export type VisitType = PublicPage['types'][number]
export type Receipt = { readonly startsAt: string; readonly address: string }

/** The page on which anybody asks a clinic for a visit. Nothing here needs, or uses, a session. */
export function BookingPage() {
  return (
    <Provider value={gateway}>
      <Booking />
    </Provider>
  )
}

function Booking() {
  const { t } = useTranslation('booking')
  const { slug } = route.useParams()
  const [result, retry] = useQuery({ query: PublicPageDocument, variables: { slug } })
  const clinic = result.data?.publicBookingPage?.clinicName
  return (
    <PublicFrame title={clinic === undefined ? t('public.title') : t('public.titleAt', { clinic })} claim={t('public.claim')} isWide>
      <QueryView result={result} onRetry={retry}>
        {({ publicBookingPage: page }) => {
          if (page === null) return <Closed text={t('public.closed')} />
          return page.types.length === 0 ? <Closed text={t('public.nothing')} /> : <Steps key={slug} page={page} slug={slug} />
        }}
      </QueryView>
    </PublicFrame>
  )
}

function Closed({ text }: { text: string }) {
  const { t } = useTranslation('booking')
  return (
    <StateMessage icon={<IconCalendarOff size={34} stroke={1.5} />} title={text}>
      {t('public.closedText')}
    </StateMessage>
  )
}

/** Kind of visit, time, who asks: the first two stand in the address, so that one can go back. */
function Steps({ page, slug }: { page: PublicPage; slug: string }) {
  const { i18n } = useTranslation()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/book/$slug' })
  const go = (part: BookingSearch, replace = false) => void navigate({ search: (old) => ({ ...old, ...part }), replace })
  const [wish, setWish] = useState<Wish>(EMPTY)
  const [receipt, setReceipt] = useState<Receipt | null>(null)
  const format = useMemo(() => createFormat({ language: i18n.language, countryCode: page.countryCode, timeZone: page.timeZone }), [i18n.language, page])
  const type = page.types.find(({ id }) => id === search.type)
  if (receipt !== null)
    return (
      <Sent
        receipt={receipt}
        format={format}
        onAgain={() => {
          setReceipt(null)
          go({ type: undefined, from: undefined, day: undefined, at: undefined }, true)
        }}
      />
    )
  if (type === undefined) return <TypeChoice types={page.types} onChoose={(id) => go({ type: id })} />
  const chosenType = <Chosen text={type.name} onChange={() => go({ type: undefined, from: undefined, day: undefined, at: undefined })} />
  if (search.at === undefined)
    return (
      <Stack gap="md">
        {chosenType}
        <StartChoice slug={slug} page={page} type={type} format={format} search={search} onGo={go} />
      </Stack>
    )
  return (
    <Stack gap="md">
      {chosenType}
      <Chosen text={capitalised(startText(format, search.at))} onChange={() => go({ at: undefined })} />
      <RequestForm
        slug={slug}
        page={page}
        typeId={type.id}
        startsAt={search.at}
        format={format}
        wish={wish}
        onWish={setWish}
        onStart={(at) => go({ at }, true)}
        onSent={setReceipt}
      />
    </Stack>
  )
}

/** "lunes, 5 de enero, 10:30", by the clinic's clock. */
export function startText(format: Format, startsAt: string): string {
  const date = new Intl.DateTimeFormat(format.locale, { timeZone: format.timeZone, weekday: 'long', day: 'numeric', month: 'long' }).format(new Date(startsAt))
  return `${date}, ${format.time(startsAt)}`
}

/** The heading of a step; whoever listens instead of looking is led to it. */
export function StepTitle({ children, isFirst = false }: { children: ReactNode; isFirst?: boolean }) {
  const ref = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!isFirst) ref.current?.focus()
  }, [isFirst])
  return (
    <Title order={2} size="h3" ref={ref} tabIndex={-1} className={classes.step}>
      {children}
    </Title>
  )
}

function TypeChoice({ types, onChoose }: { types: readonly VisitType[]; onChoose: (id: string) => void }) {
  const { t } = useTranslation('booking')
  return (
    <Stack gap="sm">
      <Text c="dimmed">{t('public.lead')}</Text>
      <StepTitle isFirst>{t('public.type')}</StepTitle>
      {types.map(({ id, name, durationMinutes }) => (
        <Button
          key={id}
          variant="default"
          size="md"
          fullWidth
          justify="space-between"
          onClick={() => onChoose(id)}
          rightSection={t('public.minutes', { count: durationMinutes })}
        >
          {name}
        </Button>
      ))}
    </Stack>
  )
}

function Chosen({ text, onChange }: { text: string; onChange: () => void }) {
  const { t } = useTranslation('booking')
  return (
    <Group justify="space-between" wrap="nowrap" className={classes.chosen}>
      <Text fw={600} style={{ minWidth: 0 }}>
        {text}
      </Text>
      <Button variant="subtle" size="compact-sm" style={{ flexShrink: 0 }} onClick={onChange} aria-label={t('public.changeOf', { what: text })}>
        {t('public.change')}
      </Button>
    </Group>
  )
}

function Sent({ receipt, format, onAgain }: { receipt: Receipt; format: Format; onAgain: () => void }) {
  const { t } = useTranslation('booking')
  return (
    <StateMessage
      icon={<IconCalendarCheck size={34} stroke={1.5} />}
      title={t('public.sent')}
      action={
        <Button variant="default" onClick={onAgain}>
          {t('public.again')}
        </Button>
      }
    >
      <p>{capitalised(startText(format, receipt.startsAt))}</p>
      <p>{t('public.sentText', { address: receipt.address })}</p>
    </StateMessage>
  )
}
