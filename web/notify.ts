import type { NotificationData } from '@mantine/notifications'
import { notifications } from '@mantine/notifications'
import i18n from 'i18next'

/** A toast whose close button has a name. */
export function notify(data: NotificationData): void {
  notifications.show({ closeButtonProps: { 'aria-label': i18n.t('close') }, ...data })
}
