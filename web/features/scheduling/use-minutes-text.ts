import { useTranslation } from 'react-i18next'

/** `25 min`, `1 h 05 min`. */
export function useMinutesText(): (minutes: number) => string {
  const { t } = useTranslation('board')
  return (minutes) => {
    if (minutes < 60) return t('minutes', { minutes })
    return t('hours', { hours: Math.floor(minutes / 60), minutes: String(minutes % 60).padStart(2, '0') })
  }
}
