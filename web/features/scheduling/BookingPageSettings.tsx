import { Alert, Anchor, Button, Group, Modal, NumberInput, Stack, Switch, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconSettings } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { refusal } from '../../failure.ts'
import type { BookingPageQuery, SetBookingPageInput } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { CopyableId } from '../../ui/CopyableId.tsx'
import { Section } from '../../ui/Section.tsx'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { BookingPageDocument, SetBookingPage } from './request-documents.ts'

type Settings = NonNullable<BookingPageQuery['bookingPage']>

/** The page that strangers see: where it is, whether it is open, and for whom it may be changed, how. */
export function BookingPageSettings() {
  const { t } = useTranslation('booking')
  const can = useCan()
  const [result, retry] = useQuery({ query: BookingPageDocument })
  const [isEditing, editing] = useDisclosure(false)
  const maySet = can('service:manage')
  const reload = () => retry({ requestPolicy: 'network-only' })
  const edit = maySet && (
    <Button size="compact-sm" variant="default" leftSection={<IconSettings size={15} />} onClick={editing.open}>
      {t('desk.page.edit')}
    </Button>
  )
  return (
    <Section title={t('desk.page.title')} aside={edit}>
      <QueryView result={result} onRetry={retry} skeletonHeight={40}>
        {({ bookingPage }) => (
          <>
            {bookingPage === null ? <Text c="dimmed">{t('desk.page.none')}</Text> : <PageState page={bookingPage} maySet={maySet} onRefused={reload} />}
            <Modal opened={isEditing} onClose={editing.close} title={t('desk.page.edit')} closeButtonProps={{ 'aria-label': t('desk.close') }}>
              <SettingsForm page={bookingPage} onDone={editing.close} onRefused={reload} />
            </Modal>
          </>
        )}
      </QueryView>
    </Section>
  )
}

function useSettings(onRefused: () => void) {
  const { t } = useTranslation('booking')
  const textOf = useFailureText()
  const { run, isRunning } = useCommand(SetBookingPage, (data) => data.setBookingPage)
  const set = async (input: SetBookingPageInput): Promise<string | null> => {
    const { payload, failure } = await run({ input })
    if (payload?.__typename !== 'BookingPage') {
      onRefused()
      return textOf(payload === null ? failure : refusal(payload))
    }
    notify({ color: 'pine', message: t(payload.isOpen ? 'desk.page.isOpen' : 'desk.page.isClosed') })
    return null
  }
  return { set, isRunning }
}

function PageState({ page, maySet, onRefused }: { page: Settings; maySet: boolean; onRefused: () => void }) {
  const { t } = useTranslation('booking')
  const { set, isRunning } = useSettings(onRefused)
  const [problem, setProblem] = useState<string | null>(null)
  const { slug, isOpen, version } = page
  const url = `${window.location.origin}/book/${slug}`
  return (
    <Stack gap={6}>
      <Group gap="sm">
        {maySet ? (
          <Switch
            label={t('desk.page.open')}
            checked={isOpen}
            disabled={isRunning}
            onChange={(event) => void set({ slug, version, isOpen: event.currentTarget.checked }).then(setProblem)}
          />
        ) : (
          <Text size="sm">{t(isOpen ? 'desk.page.isOpen' : 'desk.page.isClosed')}</Text>
        )}
        {isOpen && (
          <Anchor href={`/book/${slug}`} target="_blank" rel="noreferrer" size="sm">
            {t('desk.page.look')}
          </Anchor>
        )}
      </Group>
      <CopyableId id={url} name={t('desk.page.address')} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
    </Stack>
  )
}

type SettingsFormProps = { page: Settings | null; onDone: () => void; onRefused: () => void }

function SettingsForm({ page, onDone, onRefused }: SettingsFormProps) {
  const { t } = useTranslation('booking')
  const { set, isRunning } = useSettings(onRefused)
  const [slug, setSlug] = useState(page?.slug ?? '')
  const [hours, setHours] = useState<string | number>((page?.noticeMinutes ?? 240) / 60)
  const [days, setDays] = useState<string | number>(page?.daysAhead ?? 30)
  const [problem, setProblem] = useState<string | null>(null)

  async function save() {
    const noticeMinutes = Math.round(Number(hours) * 60)
    const refused = await set({ slug: slug.trim(), isOpen: page?.isOpen ?? false, noticeMinutes, daysAhead: Number(days), version: page?.version ?? null })
    if (refused === null) return onDone()
    setProblem(refused)
  }

  return (
    <Stack gap="sm">
      <TextInput
        label={t('desk.page.slug')}
        description={`${window.location.origin}/book/…`}
        required
        maxLength={60}
        value={slug}
        onChange={(event) => setSlug(event.currentTarget.value)}
        data-autofocus
      />
      <NumberInput label={t('desk.page.notice')} min={2} max={336} value={hours} onChange={setHours} />
      <NumberInput label={t('desk.page.days')} min={1} max={180} allowDecimal={false} value={days} onChange={setDays} />
      {problem !== null && (
        <Alert role="alert" color="clay" variant="light">
          {problem}
        </Alert>
      )}
      <Button loading={isRunning} disabled={slug.trim() === ''} onClick={() => void save()}>
        {t('desk.page.save')}
      </Button>
    </Stack>
  )
}
