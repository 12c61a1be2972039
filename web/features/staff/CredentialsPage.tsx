import { Button, Group, Select, SimpleGrid, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCertificate, IconPlus } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import type { CredentialFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { Section } from '../../ui/Section.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { AdverseActions } from './AdverseActions.tsx'
import { CredentialDrawer } from './CredentialDrawer.tsx'
import { RecordCredentialDrawer } from './CredentialForm.tsx'
import { CredentialTable } from './CredentialTable.tsx'
import { CredentialFields, CredentialsDocument, ExpiringCredentialsDocument } from './credential-documents.ts'
import { CREDENTIAL_STATUSES, type CredentialSearch, EXPIRY_CHOICES } from './credential-search.ts'
import { PersonSelect } from './PersonSelect.tsx'
import { useReach } from './use-reach.ts'

const route = getRouteApi('/signed-in/staff/credentials')
const PAGE_SIZE = 50
const SHOWN_TYPES = ['StaffCredential', 'CredentialVerification']

/** Everybody's credentials, or one's own, as far as the reader's right reaches. */
export function CredentialsPage() {
  const { t } = useTranslation('people')
  const can = useCan()
  const { staffId } = useViewer()
  const reach = useReach(staffId ?? '')
  const { staff } = route.useSearch()
  const [isRecording, recording] = useDisclosure(false)
  const isOpen = reach('credential:read')
  const isEverybody = can('credential:read')
  // Adverse actions are about one person: the one who was chosen, or whoever may see nobody else's.
  const subject = isEverybody ? staff : staffId
  return (
    <Page
      title={t('credential.title')}
      lead={t(isEverybody ? 'credential.lead' : 'credential.leadOwn')}
      actions={
        can('credential:manage') && (
          <Button leftSection={<IconPlus size={16} />} onClick={recording.open}>
            {t('credential.record')}
          </Button>
        )
      }
    >
      {isOpen ? (
        <Stack gap="md">
          <CredentialList isEverybody={isEverybody} />
          {subject && (
            <Section title={t('adverse.section')}>
              <AdverseActions staffId={subject} />
            </Section>
          )}
        </Stack>
      ) : (
        <ForbiddenState permission="credential:read" roles={[]} />
      )}
      <RecordCredentialDrawer isOpen={isRecording} onClose={recording.close} {...(staff ? { staffId: staff } : {})} />
    </Page>
  )
}

/** The list that the address asks for: a page of all, or whatever expires soon, which is never many. */
function useCredentialList({ status, within, staff, after }: CredentialSearch) {
  const all = useLiveQuery(SHOWN_TYPES, {
    query: CredentialsDocument,
    variables: { staffId: staff, status, first: PAGE_SIZE, after },
    pause: within !== undefined,
  })
  const soon = useLiveQuery(SHOWN_TYPES, {
    query: ExpiringCredentialsDocument,
    variables: { withinDays: within ?? 0 },
    pause: within === undefined,
  })
  const [result, retry] = within === undefined ? all : soon
  const isAsked = (one: CredentialFieldsFragment) => (!status || one.status === status) && (!staff || one.staff.id === staff)
  const [{ data: page }, { data: expiring }] = [all[0], soon[0]]
  const list =
    within === undefined
      ? page && {
          items: page.credentials.edges.map(({ node }) => readFragment(CredentialFields, node)),
          next: page.credentials.pageInfo.hasNextPage ? page.credentials.pageInfo.endCursor : null,
        }
      : expiring && { items: expiring.expiringCredentials.map(({ credential }) => readFragment(CredentialFields, credential)).filter(isAsked), next: null }
  return { view: { ...result, data: list }, retry }
}

function CredentialList({ isEverybody }: { isEverybody: boolean }) {
  const { t } = useTranslation('people')
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/staff/credentials' })
  const { view, retry } = useCredentialList(search)
  const change = (part: Partial<CredentialSearch>) =>
    void navigate({ search: (old) => ({ ...old, after: undefined, open: undefined, ...part }), resetScroll: false })
  const show = (open: string | undefined) => void navigate({ search: (old) => ({ ...old, open }), replace: open === undefined, resetScroll: false })
  return (
    <Stack gap="sm">
      <Filters search={search} isEverybody={isEverybody} onChange={change} />
      <QueryView result={view} onRetry={retry} skeletonHeight={280}>
        {({ items, next }) => (
          <>
            {items.length === 0 ? (
              <NothingFound isFiltered={Boolean(search.status || search.within || search.staff || search.after)} onClear={() => change(NO_FILTERS)} />
            ) : (
              <CredentialTable credentials={items} isWithPerson={isEverybody} onOpen={show} />
            )}
            <Group gap="xs">
              {search.after !== undefined && (
                <Button variant="default" onClick={() => change({})}>
                  {t('list.first')}
                </Button>
              )}
              {next && (
                <Button variant="default" onClick={() => change({ after: next })}>
                  {t('list.more')}
                </Button>
              )}
            </Group>
            <CredentialDrawer credential={items.find(({ id }) => id === search.open) ?? null} onClose={() => show(undefined)} />
          </>
        )}
      </QueryView>
    </Stack>
  )
}

const NO_FILTERS = { status: undefined, within: undefined, staff: undefined, after: undefined } as const satisfies Partial<CredentialSearch>

type FiltersProps = { search: CredentialSearch; isEverybody: boolean; onChange: (part: Partial<CredentialSearch>) => void }

function Filters({ search, isEverybody, onChange }: FiltersProps) {
  const { t } = useTranslation('people')
  const label = useCodeLabel()
  const clear = { 'aria-label': t('clear') }
  return (
    <search aria-label={t('list.filters')}>
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm" maw={760}>
        <Select
          label={t('credential.within')}
          placeholder={t('any')}
          clearable
          clearButtonProps={clear}
          data={EXPIRY_CHOICES.toReversed().map((days) => ({ value: String(days), label: t('credential.withinDays', { count: days }) }))}
          value={search.within === undefined ? null : String(search.within)}
          onChange={(value) => onChange({ within: EXPIRY_CHOICES.find((one) => String(one) === value) })}
        />
        <Select
          label={t('credential.status')}
          placeholder={t('any')}
          clearable
          clearButtonProps={clear}
          data={CREDENTIAL_STATUSES.map((code) => ({ value: code, label: label('credentialStatus', code) }))}
          value={search.status ?? null}
          onChange={(value) => onChange({ status: CREDENTIAL_STATUSES.find((one) => one === value) })}
        />
        {isEverybody && (
          <PersonSelect
            label={t('credential.person')}
            placeholder={t('anybody')}
            value={search.staff ?? null}
            onChange={(staff) => onChange({ staff: staff ?? undefined })}
            isClearable
          />
        )}
      </SimpleGrid>
    </search>
  )
}

function NothingFound({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation('people')
  const can = useCan()
  return (
    <StateMessage
      icon={<IconCertificate size={34} stroke={1.5} />}
      title={t(isFiltered ? 'credential.noMatch' : 'credential.empty')}
      action={
        isFiltered && (
          <Button variant="default" onClick={onClear}>
            {t('list.clear')}
          </Button>
        )
      }
    >
      {!isFiltered && t(can('credential:manage') ? 'credential.emptyText' : 'credential.emptyOwnText')}
    </StateMessage>
  )
}
