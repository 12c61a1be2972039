import { Tabs } from '@mantine/core'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import { useCan } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { QuietHours } from './QuietHours.tsx'
import { Rules } from './Rules.tsx'
import { Texts } from './Texts.tsx'
import { TABS } from './template-search.ts'

const route = getRouteApi('/signed-in/settings/templates')

/** What is written to owners, when, and in which words. */
export function TemplatesPage() {
  const { t } = useTranslation('messages')
  const can = useCan()
  const { tab = 'texts' } = route.useSearch()
  const navigate = useNavigate({ from: '/settings/templates' })
  const choose = (value: string | null) =>
    void navigate({ search: (old) => ({ ...old, tab: TABS.find((one) => one === value && one !== 'texts') }), replace: true, resetScroll: false })
  return (
    <Page title={t('settings.title')} lead={t('settings.lead')}>
      {can('message:manage') ? (
        <Tabs value={tab} onChange={choose} keepMounted={false}>
          <Tabs.List mb="md">
            {TABS.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(`settings.tabs.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="texts">
            <Texts />
          </Tabs.Panel>
          <Tabs.Panel value="rules">
            <Rules />
          </Tabs.Panel>
          <Tabs.Panel value="hours">
            <QuietHours />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <ForbiddenState permission="message:manage" roles={['owner', 'clinic_admin', 'manager']} />
      )}
    </Page>
  )
}
