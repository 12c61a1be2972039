import { Badge, Group, Tabs } from '@mantine/core'
import { IconAlertTriangle, IconPaw, IconVaccineOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { ForbiddenState } from '../../FailureState.tsx'
import type { PatientRecordQuery } from '../../gql/graphql.ts'
import { graphql } from '../../gql/index.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { WhoSawThis } from '../compliance/WhoSawThis.tsx'
import { PatientNotes } from '../notes/PatientNotes.tsx'
import { PatientAppointments } from './PatientAppointments.tsx'
import { PatientFacts } from './PatientFacts.tsx'
import { PatientInvoices } from './PatientInvoices.tsx'
import classes from './Patients.module.css'

const PatientRecord = graphql(`
  query PatientRecord($id: UUID!, $withContact: Boolean!) {
    patient(id: $id) {
      id
      name
      recordNumber
      alerts
      allergies
      diedOn
      species {
        code
        name
      }
      ...PatientFacts
    }
  }
`)

export type PatientHead = NonNullable<PatientRecordQuery['patient']>

const route = getRouteApi('/signed-in/patients/$id')

export function PatientPage() {
  const { t } = useTranslation('patients')
  const { id } = route.useParams()
  const can = useCan()
  const [result, retry] = useQuery({ query: PatientRecord, variables: { id, withContact: can('client:read') } })
  const patient = result.data?.patient
  if (patient) return <Record patient={patient} />
  return (
    <Page title={t('record')}>
      <QueryView result={result} onRetry={retry}>
        {() => (
          <StateMessage icon={<IconPaw size={34} stroke={1.5} />} title={t('missing.title')}>
            {t('missing.text')}
          </StateMessage>
        )}
      </QueryView>
    </Page>
  )
}

function Record({ patient }: { patient: PatientHead }) {
  const { t } = useTranslation('patients')
  return (
    <Page
      title={patient.name}
      lead={
        <Group gap={8}>
          {patient.species.name} · {patient.recordNumber}
          {patient.diedOn !== null && <Badge color="gray">{t('deceased')}</Badge>}
        </Group>
      }
      actions={<WhoSawThis name={patient.name} subjectId={patient.id} />}
    >
      <Warnings patient={patient} />
      <div className={classes.record}>
        <PatientFacts patient={patient} />
        <RecordTabs patientId={patient.id} />
      </div>
    </Page>
  )
}

/** Stays in view while the record scrolls: what could hurt the animal or the person who treats it. */
function Warnings({ patient }: { patient: PatientHead }) {
  const { t } = useTranslation('patients')
  if (patient.alerts.length + patient.allergies.length === 0) return null
  return (
    <section className={classes.warnings} aria-label={t('warningsLabel')}>
      {patient.alerts.map((alert) => (
        <span key={alert} className={classes.warning}>
          <IconAlertTriangle size={18} aria-hidden="true" />
          <strong>{alert}</strong>
        </span>
      ))}
      {patient.allergies.length > 0 && (
        <span className={classes.warning}>
          <IconVaccineOff size={18} aria-hidden="true" />
          <span>
            <strong>{t('allergies')}:</strong> {patient.allergies.join(', ')}
          </span>
        </span>
      )}
    </section>
  )
}

function RecordTabs({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const can = useCan()
  const { isClinical } = useViewer()
  const { tab } = route.useSearch()
  const navigate = useNavigate({ from: '/patients/$id' })
  const current = tab ?? (isClinical ? 'notes' : 'appointments')
  const choose = (value: string | null) => {
    const known = (['notes', 'appointments', 'invoices'] as const).find((one) => one === value)
    void navigate({ search: { tab: known }, replace: true })
  }
  return (
    <Tabs value={current} onChange={choose} keepMounted={false} style={{ minWidth: 0 }}>
      <Tabs.List mb="md">
        <Tabs.Tab value="notes">{t('tabs.notes')}</Tabs.Tab>
        <Tabs.Tab value="appointments">{t('tabs.appointments')}</Tabs.Tab>
        <Tabs.Tab value="invoices">{t('tabs.invoices')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="notes">
        {isClinical && can('medical-record:read') ? (
          <PatientNotes patientId={patientId} />
        ) : (
          <ForbiddenState permission="medical-record:read" roles={['veterinarian', 'assistant']} />
        )}
      </Tabs.Panel>
      <Tabs.Panel value="appointments">
        {can('appointment:read') ? <PatientAppointments patientId={patientId} /> : <ForbiddenState permission="appointment:read" roles={[]} />}
      </Tabs.Panel>
      <Tabs.Panel value="invoices">
        {can('invoice:read') ? <PatientInvoices patientId={patientId} /> : <ForbiddenState permission="invoice:read" roles={[]} />}
      </Tabs.Panel>
    </Tabs>
  )
}
