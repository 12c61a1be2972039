import { Alert, Button, Checkbox, Drawer, Group, Radio, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { notify } from '../../notify.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import type { PreferenceOwner } from './ClientPreferences.tsx'
import { SetClientLanguage, SetClientPreference } from './preference-documents.ts'
import { CLIENT_CHANNELS, CLIENT_KINDS, EVERYTHING, type Refusal, wantedOf, withWanted } from './refusals.ts'
import { TEXT_LANGUAGES } from './template-search.ts'

type DrawerProps = { client: PreferenceOwner; isOpen: boolean; onClose: () => void }

/** Changes how an owner is written to, as they have asked for it. */
export function PreferenceDrawer({ client, isOpen, onClose }: DrawerProps) {
  const { t } = useTranslation('messages')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('preferences.editTitle', { name: client.name })} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <PreferenceForm client={client} onClose={onClose} />}
    </Drawer>
  )
}

type Wish = { readonly locale: string; readonly refusals: readonly Refusal[]; readonly isOwn: boolean; readonly from: string; readonly until: string }

function wishOf({ locale, preference }: PreferenceOwner): Wish {
  const { quietFrom = null, quietUntil = null, refusals = [] } = preference ?? {}
  return { locale, refusals, isOwn: quietFrom !== null, from: quietFrom ?? '21:00', until: quietUntil ?? '08:00' }
}

function useSave(client: PreferenceOwner) {
  const textOf = useFailureText()
  const language = useCommand(SetClientLanguage, (data) => data.updateClient)
  const preference = useCommand(SetClientPreference, (data) => data.setClientPreference)

  /** Answers what went wrong, or null. */
  async function save({ locale, refusals, isOwn, from, until }: Wish): Promise<string | null> {
    if (locale !== client.locale) {
      const { payload, failure } = await language.run({ input: { id: client.id, version: client.version, locale } })
      if (payload?.__typename !== 'Client') return textOf(payload === null ? failure : refusal(payload))
    }
    const version = client.preference === null ? {} : { version: client.preference.version }
    const all = refusals.map(({ channel, kind }) => ({ channel, kind }))
    const hours = isOwn ? { quietFrom: from, quietUntil: until } : { quietFrom: null, quietUntil: null }
    const { payload, failure } = await preference.run({ input: { clientId: client.id, ...version, refusals: all, ...hours } })
    return payload?.__typename === 'ClientPreference' ? null : textOf(payload === null ? failure : refusal(payload))
  }

  return { save, isRunning: language.isRunning || preference.isRunning }
}

function PreferenceForm({ client, onClose }: { client: PreferenceOwner; onClose: () => void }) {
  const { t } = useTranslation('messages')
  const [wish, setWish] = useState(() => wishOf(client))
  const [problem, setProblem] = useState<string | null>(null)
  const { save, isRunning } = useSave(client)
  const change = (part: Partial<Wish>) => setWish((old) => ({ ...old, ...part }))

  async function submit() {
    const wrong = await save(wish)
    if (wrong !== null) return setProblem(wrong)
    notify({ color: 'pine', message: t('preferences.saved', { name: client.name }) })
    onClose()
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap="md">
        <Select
          label={t('preferences.language')}
          allowDeselect={false}
          data={TEXT_LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] ?? one }))}
          value={wish.locale}
          onChange={(locale) => locale !== null && change({ locale })}
        />
        <Kinds refusals={wish.refusals} onChange={(refusals) => change({ refusals })} />
        <Hours wish={wish} onChange={change} />
        {problem !== null && (
          <Alert role="alert" color="clay" variant="light">
            {problem}
          </Alert>
        )}
        <Group gap="xs">
          <Button type="submit" loading={isRunning}>
            {t('preferences.save')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('preferences.keep')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Kinds({ refusals, onChange }: { refusals: readonly Refusal[]; onChange: (refusals: readonly Refusal[]) => void }) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const isOut = CLIENT_CHANNELS.every((channel) => wantedOf(refusals, channel).length === 0)
  return (
    <>
      {CLIENT_CHANNELS.map((channel) => (
        <Checkbox.Group
          key={channel}
          label={t(channel === 'MAIL' ? 'preferences.getsMail' : 'preferences.getsSms')}
          value={wantedOf(refusals, channel)}
          onChange={(wanted) => onChange(withWanted(refusals, channel, wanted))}
        >
          <Stack gap={6} mt={6}>
            {CLIENT_KINDS.map((kind) => (
              <Checkbox key={kind} value={kind} label={label('messageKind', kind)} />
            ))}
          </Stack>
        </Checkbox.Group>
      ))}
      <Button variant="default" size="compact-sm" style={{ alignSelf: 'flex-start' }} onClick={() => onChange(isOut ? [] : EVERYTHING)}>
        {t(isOut ? 'preferences.subscribe' : 'preferences.unsubscribe')}
      </Button>
    </>
  )
}

function Hours({ wish: { isOwn, from, until }, onChange }: { wish: Wish; onChange: (part: Partial<Wish>) => void }) {
  const { t } = useTranslation('messages')
  return (
    <>
      <Radio.Group label={t('preferences.quietOf')} value={isOwn ? 'own' : 'clinic'} onChange={(value) => onChange({ isOwn: value === 'own' })}>
        <Group gap="md" mt={6}>
          <Radio value="clinic" label={t('preferences.quietClinic')} />
          <Radio value="own" label={t('preferences.quietOwn')} />
        </Group>
      </Radio.Group>
      {isOwn && (
        <SimpleGrid cols={2} spacing="sm">
          <TextInput type="time" required label={t('preferences.from')} value={from} onChange={(event) => onChange({ from: event.currentTarget.value })} />
          <TextInput type="time" required label={t('preferences.until')} value={until} onChange={(event) => onChange({ until: event.currentTarget.value })} />
        </SimpleGrid>
      )}
    </>
  )
}
