import { Alert, Skeleton, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'
import { FailureState } from '../../FailureState.tsx'
import { failureOf } from '../../failure.ts'
import type { TextChannel } from '../../gql/graphql.ts'
import { Section } from '../../ui/Section.tsx'
import type { Draft } from './TextEditor.tsx'
import classes from './Texts.module.css'
import { MessagePreviewDocument } from './template-documents.ts'

const PAUSE_MS = 300

type TextPreviewProps = { code: string; channel: TextChannel; locale: string; text: Draft }

/** What the recipient will see, with made-up values, soon after the last key. */
export function TextPreview({ code, channel, locale, text }: TextPreviewProps) {
  const { t } = useTranslation('messages')
  const [{ subject, body }] = useDebouncedValue(text, PAUSE_MS)
  const variables = { code, channel, locale, body, subject: channel === 'MAIL' ? subject : null }
  const [{ data, error }, retry] = useQuery({ query: MessagePreviewDocument, variables })
  const preview = data?.messagePreview
  return (
    <Section title={t('texts.preview')}>
      <Text size="sm" c="dimmed" mb="sm">
        {t('texts.previewText')}
      </Text>
      {error && <FailureState failure={failureOf(error)} onRetry={retry} />}
      {!preview && !error && <Skeleton height={120} />}
      {preview && (
        <div aria-live="polite">
          <div className={classes.paper} lang={locale}>
            {preview.subject !== null && <strong>{preview.subject}</strong>}
            <span>{preview.text}</span>
          </div>
          {preview.unknownPlaceholders.length > 0 && (
            <Alert color="clay" variant="light" icon={<IconAlertTriangle size={18} />} mt="sm">
              {t('texts.unknown', { names: preview.unknownPlaceholders.join(', ') })}
            </Alert>
          )}
        </div>
      )}
    </Section>
  )
}
