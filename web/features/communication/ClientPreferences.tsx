import { Button } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import type { ClientPreferencesQuery, TextChannel } from '../../gql/graphql.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { PreferenceDrawer } from './PreferenceDrawer.tsx'
import { ClientPreferencesDocument } from './preference-documents.ts'
import { CLIENT_KINDS } from './refusals.ts'

export type PreferenceOwner = NonNullable<ClientPreferencesQuery['client']>

/** How an owner wants to be written to. */
export function ClientPreferences({ clientId }: { clientId: string }) {
  const { t } = useTranslation('messages')
  const can = useCan()
  const [isOpen, { open, close }] = useDisclosure(false)
  const [result, retry] = useLiveQuery(['Client', 'ClientPreference'], { query: ClientPreferencesDocument, variables: { id: clientId } })
  const edit = can('client:update') && (
    <Button variant="subtle" size="compact-sm" onClick={open}>
      {t('preferences.edit')}
    </Button>
  )
  return (
    <Section title={t('preferences.title')} aside={edit}>
      <QueryView result={result} onRetry={retry} skeletonHeight={80}>
        {({ client }) =>
          client && (
            <>
              <Summary client={client} />
              <PreferenceDrawer client={client} isOpen={isOpen} onClose={close} />
            </>
          )
        }
      </QueryView>
    </Section>
  )
}

function Summary({ client: { locale, preference } }: { client: PreferenceOwner }) {
  const { t } = useTranslation('messages')
  return (
    <Facts>
      <Fact name={t('preferences.language')}>{LANGUAGE_NAMES[locale] ?? locale}</Fact>
      <Fact name={t('preferences.mail')}>
        <Wanted channel="MAIL" preference={preference} />
      </Fact>
      <Fact name={t('preferences.sms')}>
        <Wanted channel="SMS" preference={preference} />
      </Fact>
      <Fact name={t('preferences.quiet')}>{useQuietText()(preference)}</Fact>
    </Facts>
  )
}

type Preference = PreferenceOwner['preference']

function useQuietText(): (preference: Preference) => string {
  const { t } = useTranslation('messages')
  return (preference) => {
    const { quietFrom = null, quietUntil = null } = preference ?? {}
    if (quietFrom === null || quietUntil === null) return t('preferences.clinicHours')
    return quietFrom === quietUntil ? t('preferences.noHours') : t('preferences.hours', { from: quietFrom, until: quietUntil })
  }
}

function Wanted({ channel, preference }: { channel: TextChannel; preference: Preference }) {
  const { t, i18n } = useTranslation('messages')
  const label = useCodeLabel()
  const refused = (preference?.refusals ?? []).filter((one) => one.channel === channel).map(({ kind }) => kind)
  if (refused.length === 0) return t('preferences.everything')
  if (CLIENT_KINDS.every((kind) => refused.includes(kind))) return t('preferences.nothing')
  const names = refused.map((kind) => label('messageKind', kind).toLocaleLowerCase(i18n.language))
  return t('preferences.allBut', { kinds: new Intl.ListFormat(i18n.language).format(names) })
}
