import { Button, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCertificate, IconPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { AdverseActions } from './AdverseActions.tsx'
import { CredentialDrawer } from './CredentialDrawer.tsx'
import { RecordCredentialDrawer } from './CredentialForm.tsx'
import { CredentialTable } from './CredentialTable.tsx'
import { CredentialFields, CredentialsDocument } from './credential-documents.ts'

const route = getRouteApi('/signed-in/staff/people/$id')
// More than anybody has.
const MOST = 100

/** The credentials of one person. */
export function PersonCredentials({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const { open } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/people/$id' })
  const [isRecording, recording] = useDisclosure(false)
  const [result, retry] = useLiveQuery(['StaffCredential'], { query: CredentialsDocument, variables: { staffId: person.id, first: MOST } })
  const show = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, open: id }), replace: id === undefined, resetScroll: false })
  const record = can('credential:manage') && (
    <Button variant="default" leftSection={<IconPlus size={16} />} onClick={recording.open}>
      {t('credential.record')}
    </Button>
  )
  return (
    <Stack gap="md">
      <Section title={t('credential.title')} aside={record}>
        <QueryView result={result} onRetry={retry} skeletonHeight={160}>
          {({ credentials: { edges } }) => {
            const all = edges.map(({ node }) => readFragment(CredentialFields, node))
            return (
              <>
                {all.length === 0 ? (
                  <StateMessage icon={<IconCertificate size={34} stroke={1.5} />} title={t('credential.empty')}>
                    {t(can('credential:manage') ? 'credential.emptyText' : 'credential.emptyOwnText')}
                  </StateMessage>
                ) : (
                  <CredentialTable credentials={all} isWithPerson={false} onOpen={show} />
                )}
                <CredentialDrawer credential={all.find(({ id }) => id === open) ?? null} onClose={() => show(undefined)} />
              </>
            )
          }}
        </QueryView>
      </Section>
      <Section title={t('adverse.section')}>
        <AdverseActions staffId={person.id} />
      </Section>
      <RecordCredentialDrawer isOpen={isRecording} onClose={recording.close} staffId={person.id} />
    </Stack>
  )
}
