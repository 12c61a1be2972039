import { Button, Checkbox, ColorSwatch, Group, Stack, Table, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconSearch, IconUserPlus, IconUsers } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import type { StaffListQuery } from '../../gql/graphql.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan } from '../../session/viewer.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useTypedQuery } from '../../ui/use-typed-query.ts'
import { useCodeLabel } from '../../use-code-label.ts'
import { CreatePersonDrawer } from './CreatePersonDrawer.tsx'
import { EmploymentBadge } from './EmploymentBadge.tsx'
import { StaffListDocument } from './people-documents.ts'
import type { PeopleSearch } from './people-search.ts'

const route = getRouteApi('/signed-in/staff/people')
const PAGE_SIZE = 50

/** Who works here, and on request who did. */
export function PeoplePage() {
  const { t } = useTranslation('people')
  const can = useCan()
  const [isCreating, creating] = useDisclosure(false)
  const mayCreate = can('staff:manage')
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        mayCreate && (
          <Button leftSection={<IconUserPlus size={16} />} onClick={creating.open}>
            {t('create.open')}
          </Button>
        )
      }
    >
      {can('staff:read') ? <PeopleList onCreate={mayCreate ? creating.open : null} /> : <ForbiddenState permission="staff:read" roles={[]} />}
      <CreatePersonDrawer isOpen={isCreating} onClose={creating.close} />
    </Page>
  )
}

function PeopleList({ onCreate }: { onCreate: (() => void) | null }) {
  const { t } = useTranslation('people')
  const { q, left, after } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/people' })
  const change = (part: Partial<PeopleSearch>, replace = false) =>
    void navigate({ search: (old) => ({ ...old, after: undefined, ...part }), replace, resetScroll: false })
  const [result, retry] = useLiveQuery(['StaffProfile'], {
    query: StaffListDocument,
    variables: { query: q, includeInactive: left === 'yes', first: PAGE_SIZE, after },
  })
  return (
    <Stack gap="sm">
      <Filters q={q ?? ''} isWithLeft={left === 'yes'} onChange={change} />
      <QueryView result={result} onRetry={retry} skeletonHeight={320}>
        {({ staff: { edges, pageInfo } }) =>
          edges.length === 0 ? (
            <NothingFound isFiltered={Boolean(q || after)} onClear={() => change({ q: undefined })} onCreate={onCreate} />
          ) : (
            <>
              <People edges={edges} />
              <Group gap="xs">
                {after !== undefined && (
                  <Button variant="default" onClick={() => change({})}>
                    {t('list.first')}
                  </Button>
                )}
                {pageInfo.hasNextPage && (
                  <Button variant="default" onClick={() => change({ after: pageInfo.endCursor ?? undefined })}>
                    {t('list.more')}
                  </Button>
                )}
              </Group>
            </>
          )
        }
      </QueryView>
    </Stack>
  )
}

type FiltersProps = { q: string; isWithLeft: boolean; onChange: (part: Partial<PeopleSearch>, replace?: boolean) => void }

function Filters({ q, isWithLeft, onChange }: FiltersProps) {
  const { t } = useTranslation('people')
  const { text, type } = useTypedQuery(q, (value) => onChange({ q: value === '' ? undefined : value }, true), 250)
  return (
    <search aria-label={t('list.filters')}>
      <Group gap="md" align="center">
        <TextInput
          type="search"
          aria-label={t('list.search')}
          placeholder={t('list.searchHint')}
          leftSection={<IconSearch size={16} stroke={1.7} />}
          value={text}
          onChange={(event) => type(event.currentTarget.value)}
          style={{ flex: '1 1 240px' }}
          maw={420}
        />
        <Checkbox label={t('list.withLeft')} checked={isWithLeft} onChange={(event) => onChange({ left: event.currentTarget.checked ? 'yes' : undefined })} />
      </Group>
    </search>
  )
}

function NothingFound({ isFiltered, onClear, onCreate }: { isFiltered: boolean; onClear: () => void; onCreate: (() => void) | null }) {
  const { t } = useTranslation('people')
  const clear = (
    <Button variant="default" onClick={onClear}>
      {t('list.clear')}
    </Button>
  )
  return (
    <StateMessage
      icon={<IconUsers size={34} stroke={1.5} />}
      title={t(isFiltered ? 'list.noMatch' : 'list.empty')}
      action={isFiltered ? clear : onCreate && <Button onClick={onCreate}>{t('create.open')}</Button>}
    />
  )
}

type Edges = StaffListQuery['staff']['edges']
type Member = Edges[number]['node']

function People({ edges }: { edges: Edges }) {
  const { t } = useTranslation('people')
  const columns = [
    { label: t('field.name') },
    { label: t('field.number'), isSecondary: true },
    { label: t('field.position'), isSecondary: true },
    { label: t('field.department'), isSecondary: true },
    { label: t('field.clinic'), isSecondary: true },
    { label: t('field.status') },
  ]
  return (
    <DataTable label={t('title')} columns={columns} highlightOnHover>
      {edges.map(({ node }) => (
        <Row key={node.id} member={node} />
      ))}
    </DataTable>
  )
}

function Row({ member }: { member: Member }) {
  const label = useCodeLabel()
  const position = label('position', member.position)
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={10} wrap="nowrap">
          <ColorSwatch color={member.colour} size={14} aria-hidden="true" style={{ flex: 'none' }} />
          <div style={{ minWidth: 0 }}>
            <TextLink to="/staff/people/$id" params={{ id: member.id }} search={{}}>
              {member.name}
            </TextLink>
            <Text size="xs" c="dimmed" hiddenFrom="sm">
              {[position, member.department, member.primaryClinic?.name, member.employeeNumber].filter(Boolean).join(' · ')}
            </Text>
          </div>
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="sm">{member.employeeNumber}</Table.Td>
      <Table.Td visibleFrom="sm">{position}</Table.Td>
      <Table.Td visibleFrom="sm">{member.department}</Table.Td>
      <Table.Td visibleFrom="sm">{member.primaryClinic?.name}</Table.Td>
      <Table.Td>
        <EmploymentBadge member={member} />
      </Table.Td>
    </Table.Tr>
  )
}
