import { useTranslation } from 'react-i18next'

import type { Failure } from './failure.ts'
import { useCodeLabel } from './use-code-label.ts'

/** One sentence for a failure in the reader's language, from its code and parameters. */
export function useFailureText(): (failure: Failure) => string {
  const { t, i18n } = useTranslation('errors')
  const label = useCodeLabel()
  return (failure) => {
    if (failure.kind === 'forbidden') return t('forbidden')
    if (failure.kind === 'unexpected') return failure.requestId ? t('unexpectedWithId', { id: failure.requestId }) : t('unexpected')
    if (failure.kind !== 'refused') return t(failure.kind)
    if (failure.issues.length > 0) return failure.issues.map((issue) => issueText(issue)).join(' ')
    const special = `errors:notPermitted.${failure.params.rule}`
    if (failure.code === 'NOT_PERMITTED' && i18n.exists(special)) return String(t(`notPermitted.${failure.params.rule}` as never))
    const key = `errors:code.${failure.code}`
    if (!i18n.exists(key)) return failure.message
    const { type, from, to, ...rest } = failure.params
    return String(
      t(`code.${failure.code}` as never, {
        ...rest,
        type: label('recordType', type ?? ''),
        from: label('status', (from ?? '').toUpperCase()),
        to: label('status', (to ?? '').toUpperCase()),
      }),
    )
  }

  function issueText(issue: { path: string; rule: string; message: string }): string {
    const key = `errors:rule.${issue.rule}`
    const field = label('field', issue.path.split('.').at(-1) ?? issue.path)
    return i18n.exists(key) ? String(t(`rule.${issue.rule}` as never, { field })) : issue.message
  }
}
