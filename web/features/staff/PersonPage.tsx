import { Group, Tabs } from '@mantine/core'
import { IconUserOff } from '@tabler/icons-react'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ForbiddenState } from '../../FailureState.tsx'
import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { readFragment } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { Page } from '../../ui/Page.tsx'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { AttendanceTab } from './AttendanceTab.tsx'
import { EmploymentBadge } from './EmploymentBadge.tsx'
import { HoursTab } from './HoursTab.tsx'
import { PersonCredentials } from './PersonCredentials.tsx'
import { ProfileTab } from './ProfileTab.tsx'
import { PersonDocument, PersonFields } from './people-documents.ts'
import { PERSON_TABS, type PersonTab } from './people-search.ts'
import { TasksTab } from './TasksTab.tsx'
import { useReach } from './use-reach.ts'
import { WellbeingTab } from './WellbeingTab.tsx'

const route = getRouteApi('/signed-in/staff/people/$id')

/** One member of the staff: what each tab shows, and whether it is there, depends on who looks. */
export function PersonPage() {
  const { t } = useTranslation('people')
  const { id } = route.useParams()
  const can = useCan()
  const [result, retry] = useLiveQuery(['StaffProfile'], { query: PersonDocument, variables: { id } })
  const person = readFragment(PersonFields, result.data?.staffMember)
  if (person && person.id === id) return <Person key={id} person={person} />
  return (
    <Page title={t('person.title')}>
      {can('staff:read') ? (
        <QueryView result={result} onRetry={retry}>
          {() => (
            <StateMessage
              icon={<IconUserOff size={34} stroke={1.5} />}
              title={t('person.missing')}
              action={<TextLink to="/staff/people">{t('person.all')}</TextLink>}
            >
              {t('person.missingText')}
            </StateMessage>
          )}
        </QueryView>
      ) : (
        <ForbiddenState permission="staff:read" roles={[]} />
      )}
    </Page>
  )
}

function Person({ person }: { person: PersonFieldsFragment }) {
  const label = useCodeLabel()
  return (
    <Page
      title={person.name}
      lead={
        <Group gap={8}>
          {label('position', person.position)} · {person.employeeNumber}
          <EmploymentBadge member={person} />
        </Group>
      }
    >
      <PersonTabs person={person} />
    </Page>
  )
}

/** The right that opens a tab, where the reader lacks it. Null: it is open. */
function useLock(person: PersonFieldsFragment): (tab: PersonTab) => string | null {
  const can = useCan()
  const { staffId } = useViewer()
  const reach = useReach(person.id)
  const leads = staffId !== null && person.manager?.id === staffId
  return (tab) => {
    if (tab === 'tasks') return can('staff:manage') ? null : 'staff:manage'
    if (tab === 'credentials') return reach('credential:read') ? null : 'credential:read'
    if (tab === 'attendance') return reach('attendance:read') ? null : 'attendance:read'
    // No right opens this for anybody else, not even an owner's.
    if (tab === 'wellbeing') return staffId === person.id || leads ? null : 'wellbeing:read'
    return null
  }
}

function PersonTabs({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const { tab } = route.useSearch()
  const navigate = useNavigate({ from: '/staff/people/$id' })
  const lockOf = useLock(person)
  const current = tab ?? 'profile'
  const choose = (value: string | null) => {
    const known = PERSON_TABS.find((one) => one === value)
    void navigate({ search: { tab: known === 'profile' ? undefined : known }, resetScroll: false })
  }
  const content: Record<PersonTab, ReactNode> = {
    profile: <ProfileTab person={person} />,
    hours: <HoursTab person={person} />,
    tasks: <TasksTab person={person} />,
    credentials: <PersonCredentials person={person} />,
    attendance: <AttendanceTab person={person} />,
    wellbeing: <WellbeingTab person={person} />,
  }
  const lock = lockOf(current)
  return (
    <Tabs value={current} onChange={choose} keepMounted={false}>
      <Tabs.List mb="md">
        {PERSON_TABS.filter((one) => lockOf(one) === null).map((one) => (
          <Tabs.Tab key={one} value={one}>
            {t(`tabs.${one}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {lock === null ? <Tabs.Panel value={current}>{content[current]}</Tabs.Panel> : <Locked tab={current} permission={lock} />}
    </Tabs>
  )
}

function Locked({ tab, permission }: { tab: PersonTab; permission: string }) {
  const { t } = useTranslation('people')
  if (tab !== 'wellbeing') return <ForbiddenState permission={permission} roles={[]} />
  return (
    <StateMessage icon={<IconUserOff size={34} stroke={1.5} />} title={t('wellbeing.closed')}>
      {t('wellbeing.closedText')}
    </StateMessage>
  )
}
