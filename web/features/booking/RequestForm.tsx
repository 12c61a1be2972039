import { Alert, Button, Group, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { Format } from '../../ui/format.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { type PublicPage, type Receipt, StepTitle, startText } from './BookingPage.tsx'
import { RequestBooking } from './booking-documents.ts'

/** What somebody types; kept while they choose another time. */
export type Wish = {
  readonly contactName: string
  readonly contactPhone: string
  readonly contactMail: string
  readonly patientName: string
  readonly speciesCode: string
  readonly breed: string
  readonly note: string
}
export const EMPTY: Wish = { contactName: '', contactPhone: '', contactMail: '', patientName: '', speciesCode: '', breed: '', note: '' }

type RequestFormProps = {
  slug: string
  page: PublicPage
  typeId: string
  startsAt: string
  format: Format
  wish: Wish
  onWish: (wish: Wish) => void
  onStart: (at: string) => void
  onSent: (receipt: Receipt) => void
}

type Refused = { readonly text: string; readonly nextStarts: readonly string[] | null }

export function RequestForm({ slug, page, typeId, startsAt, format, wish, onWish, onStart, onSent }: RequestFormProps) {
  const { t, i18n } = useTranslation('booking')
  const textOf = useFailureText()
  const [refused, setRefused] = useState<Refused | null>(null)
  const { run, isRunning } = useCommand(RequestBooking, (data) => data.requestBooking)
  const isReachable = wish.contactPhone.trim() !== '' || wish.contactMail.trim() !== ''
  const isComplete = isReachable && wish.contactName.trim() !== '' && wish.patientName.trim() !== '' && wish.speciesCode !== ''

  async function send(event: FormEvent) {
    event.preventDefault()
    if (!isComplete) return setRefused({ text: t('public.incomplete'), nextStarts: null })
    const orNull = (text: string) => text.trim() || null
    const { contactName, patientName, speciesCode } = wish
    const [contactPhone, contactMail] = [orNull(wish.contactPhone), orNull(wish.contactMail)]
    const given = { contactName, contactPhone, contactMail, patientName, speciesCode, breed: orNull(wish.breed), note: orNull(wish.note) }
    const { payload, failure } = await run({ input: { slug, typeId, startsAt, locale: i18n.language, ...given } })
    if (payload?.__typename === 'BookingReceipt') return onSent({ startsAt: payload.startsAt, address: contactMail ?? contactPhone ?? '' })
    const text = textOf(payload === null ? failure : refusal(payload))
    setRefused({ text, nextStarts: payload?.__typename === 'SlotGone' ? payload.nextStarts : null })
  }

  return (
    <form onSubmit={(event) => void send(event)} noValidate>
      <Stack gap="sm">
        <StepTitle>{t('public.who')}</StepTitle>
        <ContactFields wish={wish} onWish={onWish} />
        <AnimalFields page={page} wish={wish} onWish={onWish} />
        {refused !== null && (
          <Alert role="alert" color="clay" variant="light" icon={<IconAlertTriangle size={18} />}>
            {refused.text}
            {refused.nextStarts !== null && (
              <NextStarts
                starts={refused.nextStarts}
                format={format}
                onChoose={(at) => {
                  setRefused(null)
                  onStart(at)
                }}
              />
            )}
          </Alert>
        )}
        <Text size="sm" c="dimmed">
          {t('public.confirms')}
        </Text>
        <Button type="submit" size="md" loading={isRunning}>
          {t('public.submit')}
        </Button>
      </Stack>
    </form>
  )
}

type FieldsProps = { wish: Wish; onWish: (wish: Wish) => void }

function ContactFields({ wish, onWish }: FieldsProps) {
  const { t } = useTranslation('booking')
  return (
    <>
      <TextInput
        label={t('public.contactName')}
        required
        autoComplete="name"
        maxLength={160}
        value={wish.contactName}
        onChange={(event) => onWish({ ...wish, contactName: event.currentTarget.value })}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          type="tel"
          label={t('public.contactPhone')}
          autoComplete="tel"
          maxLength={40}
          value={wish.contactPhone}
          onChange={(event) => onWish({ ...wish, contactPhone: event.currentTarget.value })}
        />
        <TextInput
          type="email"
          label={t('public.contactMail')}
          autoComplete="email"
          maxLength={200}
          value={wish.contactMail}
          onChange={(event) => onWish({ ...wish, contactMail: event.currentTarget.value })}
        />
      </SimpleGrid>
      <Text size="xs" c="dimmed">
        {t('public.eitherContact')}
      </Text>
    </>
  )
}

function AnimalFields({ page, wish, onWish }: FieldsProps & { page: PublicPage }) {
  const { t, i18n } = useTranslation('booking')
  const species = page.species
    .map(({ code, nameEs, nameEn }) => ({ value: code, label: i18n.language === 'en' ? nameEn : nameEs }))
    .sort((a, b) => a.label.localeCompare(b.label, i18n.language))
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={t('public.patientName')}
          required
          maxLength={120}
          value={wish.patientName}
          onChange={(event) => onWish({ ...wish, patientName: event.currentTarget.value })}
        />
        <Select
          label={t('public.species')}
          required
          searchable
          allowDeselect={false}
          data={species}
          value={wish.speciesCode || null}
          onChange={(value) => onWish({ ...wish, speciesCode: value ?? '' })}
        />
      </SimpleGrid>
      <TextInput label={t('public.breed')} maxLength={120} value={wish.breed} onChange={(event) => onWish({ ...wish, breed: event.currentTarget.value })} />
      <Textarea
        label={t('public.note')}
        maxLength={500}
        autosize
        minRows={2}
        value={wish.note}
        onChange={(event) => onWish({ ...wish, note: event.currentTarget.value })}
      />
    </>
  )
}

function NextStarts({ starts, format, onChoose }: { starts: readonly string[]; format: Format; onChoose: (at: string) => void }) {
  const { t } = useTranslation('booking')
  if (starts.length === 0) return <p>{t('public.noNext')}</p>
  return (
    <Group gap={6} mt="xs" role="group" aria-label={t('public.next')}>
      {starts.map((start) => (
        <Button key={start} size="compact-sm" variant="default" onClick={() => onChoose(start)}>
          {startText(format, start)}
        </Button>
      ))}
    </Group>
  )
}
