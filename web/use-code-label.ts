import { useTranslation } from 'react-i18next'

/**
 * Text of a coded value (`species.dog`, `status.CHECKED_IN`) in the reader's language. A code that this version does not know
 * becomes readable words instead of a raw key.
 */
export function useCodeLabel(): (group: string, code: string) => string {
  const { t, i18n } = useTranslation()
  return (group, code) => {
    const key = `codes:${group}.${code.replaceAll(/[{}]/g, '').replaceAll(/[.:]/g, '_')}`
    if (i18n.exists(key)) return String(t(key as never))
    return humanised(code)
  }
}

function humanised(code: string): string {
  const words = code
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[_:.-]+/g, ' ')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
