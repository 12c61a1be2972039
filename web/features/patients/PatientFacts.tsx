import { Anchor, Stack } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { FragmentType } from '../../gql/index.ts'
import { graphql, readFragment } from '../../gql/index.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Section } from '../../ui/Section.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { ClientPreferences } from '../communication/ClientPreferences.tsx'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'
import { ageIn } from './age.ts'

export const PatientFactsFields = graphql(`
  fragment PatientFacts on Patient {
    id
    sex
    isNeutered
    bornOn
    diedOn
    microchip
    colour
    weightKg
    breed {
      code
      name
    }
    homeClinic {
      id
      name
    }
    client {
      id
      name
      phone
      email @include(if: $withContact)
      address @include(if: $withContact)
    }
  }
`)

/** Who the animal is and who answers for it. */
export function PatientFacts({ patient: masked }: { patient: FragmentType<typeof PatientFactsFields> }) {
  const { t } = useTranslation('patients')
  const format = useFormat()
  const label = useCodeLabel()
  const can = useCan()
  const patient = readFragment(PatientFactsFields, masked)
  const age = patient.bornOn === null ? null : ageIn(patient.bornOn, patient.diedOn ?? new Date().toISOString().slice(0, 10))
  const sex = `${label('sex', patient.sex)}${patient.isNeutered ? ` · ${label('neutered', patient.sex)}` : ''}`
  return (
    <Stack gap="md">
      <Section title={t('animal')}>
        <Facts>
          <Fact name={t('facts.breed')}>{patient.breed?.name}</Fact>
          <Fact name={t('facts.sex')}>{sex}</Fact>
          <Fact name={t('facts.age')}>{age && (age.years > 0 ? t('years', { count: age.years }) : t('months', { count: age.months }))}</Fact>
          <Fact name={t('facts.born')}>{patient.bornOn && format.date(patient.bornOn)}</Fact>
          <Fact name={t('facts.weight')}>{patient.weightKg && `${format.decimal(patient.weightKg)} kg`}</Fact>
          <Fact name={t('facts.colour')}>{patient.colour}</Fact>
          <Fact name={t('facts.microchip')}>{patient.microchip}</Fact>
          <Fact name={t('facts.clinic')}>{patient.homeClinic.name}</Fact>
        </Facts>
      </Section>
      <Section title={t('owner')} aside={<WhoSawThis name={patient.client.name} subjectId={patient.client.id} isIcon />}>
        <Facts>
          <Fact name={t('facts.name')}>{patient.client.name}</Fact>
          <Fact name={t('facts.phone')}>{patient.client.phone && <Anchor href={`tel:${patient.client.phone}`}>{patient.client.phone}</Anchor>}</Fact>
          <Fact name={t('facts.email')}>{patient.client.email && <Anchor href={`mailto:${patient.client.email}`}>{patient.client.email}</Anchor>}</Fact>
          <Fact name={t('facts.address')}>{patient.client.address}</Fact>
        </Facts>
      </Section>
      {can('client:read') && <ClientPreferences clientId={patient.client.id} />}
    </Stack>
  )
}
