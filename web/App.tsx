import { MantineProvider } from '@mantine/core'
import { DatesProvider } from '@mantine/dates'
import { Notifications } from '@mantine/notifications'
import { RouterProvider } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'

import 'dayjs/locale/es-mx'

import { router } from './router.tsx'
import { cssVariables, theme } from './ui/theme.ts'

export function App() {
  const { i18n } = useTranslation()
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <DatesProvider settings={{ locale: i18n.language === 'en' ? 'en' : 'es-mx', firstDayOfWeek: 1 }}>
        <Notifications position="bottom-right" limit={4} />
        <RouterProvider router={router} />
      </DatesProvider>
    </MantineProvider>
  )
}
