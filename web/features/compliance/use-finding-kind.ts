import { useTranslation } from 'react-i18next'

/** Name and explanation of a kind of tampering; a kind that this version does not know becomes readable words. */
export function useFindingKind(): (kind: string) => { name: string; text: string | null } {
  const { t, i18n } = useTranslation('verify')
  return (kind) => {
    const key = `verify:kind.${kind}.name`
    if (!i18n.exists(key)) return { name: kind.replaceAll(/[-_.:]+/g, ' '), text: null }
    return { name: String(t(`kind.${kind}.name` as never)), text: String(t(`kind.${kind}.text` as never)) }
  }
}
