import { Alert, Button, Fieldset, PasswordInput, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Navigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Provider, useQuery } from 'urql'

import type { Failure } from '../../failure.ts'
import type { SetupStateQuery } from '../../gql/graphql.ts'
import { firstLanguage } from '../../i18n.ts'
import { QueryView } from '../../QueryView.tsx'
import { gateway } from '../../session/gateway.ts'
import { setUpInstallation, useSession } from '../../session/session.ts'
import { SetupState } from '../../session/session-documents.ts'
import { useFailureText } from '../../use-failure-text.ts'
import { PublicFrame } from './PublicFrame.tsx'

type Preset = SetupStateQuery['countryPresets'][number]

/** First run: the organisation, its first clinic and the owner's account. */
export function SetupPage() {
  return (
    <Provider value={gateway}>
      <Setup />
    </Provider>
  )
}

function Setup() {
  const { t } = useTranslation('access')
  const session = useSession()
  const [result, retry] = useQuery({ query: SetupState })
  if (session.status === 'signedIn') return <Navigate to="/" replace />
  if (result.data?.setupRequired === false) return <Navigate to="/sign-in" search={{}} replace />
  return (
    <PublicFrame title={t('setup.title')} isWide>
      <Text c="dimmed" mb="md">
        {t('setup.lead')}
      </Text>
      <QueryView result={result} onRetry={retry}>
        {(data) => <SetupForm presets={data.countryPresets} />}
      </QueryView>
    </PublicFrame>
  )
}

function useSetupForm(presets: readonly Preset[]) {
  const { t } = useTranslation('access')
  const first = presets.find((preset) => preset.code === 'MX') ?? presets[0]
  return useForm({
    initialValues: {
      organisationName: '',
      clinicName: '',
      countryCode: first?.code ?? 'MX',
      timeZone: first?.timeZone ?? 'America/Mexico_City',
      currency: first?.currency ?? 'MXN',
      locale: String(firstLanguage()),
      ownerName: '',
      ownerEmail: '',
      password: '',
    },
    validate: {
      organisationName: (value) => (value.trim() === '' ? t('setup.required') : null),
      clinicName: (value) => (value.trim() === '' ? t('setup.required') : null),
      ownerName: (value) => (value.trim() === '' ? t('setup.required') : null),
      ownerEmail: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('setup.emailShape')),
      password: (value) => (value.length < 12 ? t('setup.passwordLength') : null),
    },
  })
}

function SetupForm({ presets }: { presets: readonly Preset[] }) {
  const { t, i18n } = useTranslation('access')
  const textOf = useFailureText()
  const form = useSetupForm(presets)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [isSending, setSending] = useState(false)
  const countries = new Intl.DisplayNames(i18n.language, { type: 'region' })

  function chooseCountry(code: string | null) {
    const preset = presets.find((one) => one.code === code)
    if (preset) form.setValues({ countryCode: preset.code, timeZone: preset.timeZone, currency: preset.currency })
  }

  async function submit(values: typeof form.values) {
    setSending(true)
    setFailure(await setUpInstallation(values))
    setSending(false)
  }

  return (
    <form onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      <Stack gap="md">
        {failure !== null && (
          <Alert role="alert" color="clay" variant="light" icon={<IconAlertTriangle size={18} />}>
            {textOf(failure)}
          </Alert>
        )}
        <Fieldset legend={t('setup.clinicLegend')}>
          <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
            <TextInput label={t('setup.organisationName')} {...form.getInputProps('organisationName')} />
            <TextInput label={t('setup.clinicName')} {...form.getInputProps('clinicName')} />
            <Select
              label={t('setup.country')}
              data={presets.map((preset) => ({ value: preset.code, label: countries.of(preset.code) ?? preset.code }))}
              value={form.values.countryCode}
              onChange={chooseCountry}
              allowDeselect={false}
            />
            <Select label={t('setup.timeZone')} data={timeZones(form.values.timeZone)} searchable allowDeselect={false} {...form.getInputProps('timeZone')} />
            <TextInput label={t('setup.currency')} maxLength={3} {...form.getInputProps('currency')} />
            <Select
              label={t('setup.language')}
              data={[
                { value: 'es-MX', label: 'Español (México)' },
                { value: 'en', label: 'English' },
              ]}
              allowDeselect={false}
              {...form.getInputProps('locale')}
            />
          </SimpleGrid>
        </Fieldset>
        <Fieldset legend={t('setup.ownerLegend')}>
          <Stack gap="sm">
            <TextInput label={t('setup.ownerName')} autoComplete="name" {...form.getInputProps('ownerName')} />
            <TextInput label={t('setup.ownerEmail')} type="email" autoComplete="username" {...form.getInputProps('ownerEmail')} />
            <PasswordInput
              label={t('setup.password')}
              description={t('setup.passwordHint')}
              autoComplete="new-password"
              visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
              {...form.getInputProps('password')}
            />
          </Stack>
        </Fieldset>
        <Button type="submit" size="md" loading={isSending}>
          {t('setup.submit')}
        </Button>
      </Stack>
    </form>
  )
}

function timeZones(current: string): string[] {
  return [...new Set([current, ...Intl.supportedValuesOf('timeZone')])]
}
