import { Alert, Badge, Button, Code, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Failure } from '../../failure.ts'
import { refusal } from '../../failure.ts'
import type { TemplateFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { useCommand } from '../../use-command.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { ResetText } from './ResetText.tsx'
import { TextPreview } from './TextPreview.tsx'
import classes from './Texts.module.css'
import { SaveMessageTemplate } from './template-documents.ts'

export type Draft = { readonly subject: string; readonly body: string }

const MOST_CHARACTERS = { MAIL: 5_000, SMS: 600 } as const

type TextEditorProps = { template: TemplateFieldsFragment; draft: Draft | null; onDraft: (draft: Draft | null) => void }

/** The text of a message beside what the recipient will see of it. */
export function TextEditor({ template, draft, onDraft }: TextEditorProps) {
  const { t } = useTranslation('messages')
  const textOf = useFailureText()
  const [failure, setFailure] = useState<Failure | null>(null)
  const { run, isRunning } = useCommand(SaveMessageTemplate, (data) => data.saveMessageTemplate)
  const { code, channel, locale, version } = template
  const text = draft ?? { subject: template.subject ?? '', body: template.body }
  const isMail = channel === 'MAIL'
  const isComplete = text.body.trim() !== '' && (!isMail || text.subject.trim() !== '')

  async function save() {
    const input = { code, channel, locale, body: text.body, ...(isMail ? { subject: text.subject } : {}), ...(version === null ? {} : { version }) }
    const { payload, failure: lost } = await run({ input })
    if (payload?.__typename !== 'MessageTemplate') return setFailure(payload === null ? lost : refusal(payload))
    setFailure(null)
    onDraft(null)
    notify({ color: 'pine', message: t('texts.saved') })
  }

  return (
    <div className={classes.editor}>
      <Section title={t('texts.title')} aside={<Origin template={template} isChanged={draft !== null} />}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            void save()
          }}
        >
          <Stack gap="sm">
            <Fields template={template} text={text} onChange={onDraft} />
            {failure !== null && (
              <Alert role="alert" color="clay" variant="light">
                {textOf(failure)}
              </Alert>
            )}
            <Group gap="xs">
              <Button type="submit" loading={isRunning} disabled={draft === null || !isComplete}>
                {t('texts.save')}
              </Button>
              {draft !== null && (
                <Button variant="default" onClick={() => onDraft(null)}>
                  {t('texts.undo')}
                </Button>
              )}
              {template.id !== null && <ResetText id={template.id} onDone={() => onDraft(null)} />}
            </Group>
          </Stack>
        </form>
      </Section>
      <TextPreview code={code} channel={channel} locale={locale} text={text} />
    </div>
  )
}

function Origin({ template, isChanged }: { template: TemplateFieldsFragment; isChanged: boolean }) {
  const { t } = useTranslation('messages')
  return (
    <Group gap={6}>
      {isChanged && <Badge color="amber">{t('texts.unsaved')}</Badge>}
      <Badge color={template.id === null ? 'gray' : 'pine'}>{t(template.id === null ? 'texts.given' : 'texts.own')}</Badge>
    </Group>
  )
}

type FieldsProps = { template: TemplateFieldsFragment; text: Draft; onChange: (text: Draft) => void }

function Fields({ template: { channel, placeholders }, text, onChange }: FieldsProps) {
  const { t } = useTranslation('messages')
  const label = useCodeLabel()
  const body = useRef<HTMLTextAreaElement>(null)
  const most = MOST_CHARACTERS[channel]

  /** Where the cursor stands in the text. */
  function insert(name: string) {
    const { selectionStart = text.body.length, selectionEnd = text.body.length } = body.current ?? {}
    const value = `{{${name}}}`
    onChange({ ...text, body: `${text.body.slice(0, selectionStart)}${value}${text.body.slice(selectionEnd)}` })
    const cursor = selectionStart + value.length
    // Once the field holds it.
    requestAnimationFrame(() => {
      body.current?.focus()
      body.current?.setSelectionRange(cursor, cursor)
    })
  }

  return (
    <>
      {channel === 'MAIL' && (
        <TextInput
          label={t('texts.subject')}
          maxLength={200}
          value={text.subject}
          onChange={(event) => onChange({ ...text, subject: event.currentTarget.value })}
        />
      )}
      <Textarea
        ref={body}
        label={t('texts.body')}
        description={t('texts.length', { count: text.body.length, most })}
        maxLength={most}
        autosize
        minRows={6}
        maxRows={18}
        value={text.body}
        onChange={(event) => onChange({ ...text, body: event.currentTarget.value })}
      />
      <Stack gap={4} role="group" aria-label={t('texts.variables')}>
        <Text size="sm" fw={500}>
          {t('texts.variables')}
        </Text>
        <Group gap={6}>
          {placeholders.map((name) => (
            <Button key={name} variant="default" size="compact-sm" onClick={() => insert(name)}>
              {label('placeholder', name)}&nbsp;<Code>{`{{${name}}}`}</Code>
            </Button>
          ))}
        </Group>
      </Stack>
    </>
  )
}
