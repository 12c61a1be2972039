import { Select, SimpleGrid, Stack } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { TemplateFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { LANGUAGE_NAMES } from '../../language-names.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useViewer } from '../../session/viewer.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { type Draft, TextEditor } from './TextEditor.tsx'
import { MessageTemplatesDocument, TemplateFields } from './template-documents.ts'
import { TEXT_CHANNELS, TEXT_LANGUAGES, type TemplateSearch } from './template-search.ts'

const route = getRouteApi('/signed-in/settings/templates')
const CHANNEL_OF = { mail: 'MAIL', sms: 'SMS' } as const

/** One text at a time, as the address names it. */
export function Texts() {
  const [result, retry] = useLiveQuery(['MessageTemplate'], { query: MessageTemplatesDocument })
  // What is being written stays while somebody looks at another text.
  const [drafts, setDrafts] = useState<Readonly<Record<string, Draft>>>({})
  return (
    <QueryView result={result} onRetry={retry}>
      {({ messageTemplates }) => (
        <ChosenText
          templates={messageTemplates.map((one) => readFragment(TemplateFields, one))}
          drafts={drafts}
          onDraft={(key, draft) => setDrafts(({ [key]: _old, ...others }) => (draft === null ? others : { ...others, [key]: draft }))}
        />
      )}
    </QueryView>
  )
}

type ChosenTextProps = {
  templates: readonly TemplateFieldsFragment[]
  drafts: Readonly<Record<string, Draft>>
  onDraft: (key: string, draft: Draft | null) => void
}

function ChosenText({ templates, drafts, onDraft }: ChosenTextProps) {
  const { user } = useViewer()
  const search = route.useSearch()
  const codes = [...new Set(templates.map(({ code }) => code))]
  const code = codes.find((one) => one === search.code) ?? codes[0] ?? ''
  const channel = search.channel ?? 'mail'
  const language = search.language ?? TEXT_LANGUAGES.find((one) => one === user.locale) ?? 'es-MX'
  const found = templates.find((one) => one.code === code && one.channel === CHANNEL_OF[channel] && one.locale === language)
  // An organisation's own code may lack a text in one language; it begins with those of the others.
  const sibling = templates.find((one) => one.code === code)
  const empty: TemplateFieldsFragment = {
    __typename: 'MessageTemplate',
    id: null,
    version: null,
    code,
    channel: CHANNEL_OF[channel],
    locale: language,
    subject: '',
    body: '',
    placeholders: sibling?.placeholders ?? [],
  }
  const template = found ?? empty
  const key = `${code} ${channel} ${language}`
  return (
    <Stack gap="md">
      <Choice codes={codes} code={code} channel={channel} language={language} drafts={drafts} />
      <TextEditor key={key} template={template} draft={drafts[key] ?? null} onDraft={(draft) => onDraft(key, draft)} />
    </Stack>
  )
}

type ChoiceProps = Required<Pick<TemplateSearch, 'code' | 'channel' | 'language'>> & { codes: readonly string[]; drafts: Readonly<Record<string, Draft>> }

function Choice({ codes, code, channel, language, drafts }: ChoiceProps) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const navigate = useNavigate({ from: '/settings/templates' })
  const change = (part: Partial<TemplateSearch>) => void navigate({ search: (old) => ({ ...old, ...part }), resetScroll: false })
  const withMark = (one: string) =>
    Object.keys(drafts).some((key) => key.startsWith(`${one} `)) ? `${label('messageText', one)} · ${t('texts.unsaved')}` : label('messageText', one)
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" maw={860}>
      <Select
        label={t('texts.event')}
        allowDeselect={false}
        data={codes.map((one) => ({ value: one, label: withMark(one) }))}
        value={code}
        onChange={(value) => value !== null && change({ code: value })}
      />
      <Select
        label={t('texts.channel')}
        allowDeselect={false}
        data={TEXT_CHANNELS.map((one) => ({ value: one, label: label('messageChannel', CHANNEL_OF[one]) }))}
        value={channel}
        onChange={(value) => change({ channel: TEXT_CHANNELS.find((one) => one === value) })}
      />
      <Select
        label={t('texts.language')}
        allowDeselect={false}
        data={TEXT_LANGUAGES.map((one) => ({ value: one, label: LANGUAGE_NAMES[one] ?? one }))}
        value={language}
        onChange={(value) => change({ language: TEXT_LANGUAGES.find((one) => one === value) })}
      />
    </SimpleGrid>
  )
}
