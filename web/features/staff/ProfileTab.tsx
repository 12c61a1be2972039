import { Button, ColorSwatch, Drawer, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPencil, IconUserMinus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import type { PersonFieldsFragment } from '../../gql/graphql.ts'
import { notify } from '../../notify.ts'
import { useCan, useFormat } from '../../session/viewer.ts'
import { Fact, Facts } from '../../ui/Facts.tsx'
import { Section } from '../../ui/Section.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import { OffboardDrawer } from './OffboardDrawer.tsx'
import { PersonForm } from './PersonForm.tsx'
import { UpdatePerson } from './people-documents.ts'
import { draftOf, toUpdateInput } from './person-draft.ts'
import { useSubmit } from './use-submit.ts'

export function ProfileTab({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const can = useCan()
  const [isEditing, editing] = useDisclosure(false)
  const [isLeaving, leaving] = useDisclosure(false)
  const actions = can('staff:manage') && (
    <Group gap="xs">
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={editing.open}>
        {t('profile.edit')}
      </Button>
      {person.terminatedOn === null && person.isActive && (
        <Button variant="default" leftSection={<IconUserMinus size={16} />} onClick={leaving.open}>
          {t('offboard.open')}
        </Button>
      )}
    </Group>
  )
  return (
    <Section title={t('tabs.profile')} aside={actions} style={{ maxWidth: 760 }}>
      <ProfileFacts person={person} />
      <Drawer opened={isEditing} onClose={editing.close} title={t('profile.edit')} closeButtonProps={{ 'aria-label': t('close') }}>
        {isEditing && <EditForm person={person} onClose={editing.close} />}
      </Drawer>
      <OffboardDrawer person={person} isOpen={isLeaving} onClose={leaving.close} />
    </Section>
  )
}

function ProfileFacts({ person }: { person: PersonFieldsFragment }) {
  const { t } = useTranslation('people')
  const format = useFormat()
  const label = useCodeLabel()
  return (
    <Facts>
      <Fact name={t('field.position')}>{label('position', person.position)}</Fact>
      <Fact name={t('field.number')}>{person.employeeNumber}</Fact>
      <Fact name={t('field.employmentType')}>{label('employmentType', person.employmentType)}</Fact>
      <Fact name={t('field.hiredOn')}>{format.date(person.hiredOn)}</Fact>
      <Fact name={t('field.lastDay')}>{person.terminatedOn && format.date(person.terminatedOn)}</Fact>
      <Fact name={t('field.department')}>{person.department}</Fact>
      <Fact name={t('field.clinic')}>{person.primaryClinic?.name}</Fact>
      <Fact name={t('field.manager')}>
        {person.manager && (
          <TextLink to="/staff/people/$id" params={{ id: person.manager.id }} search={{}}>
            {person.manager.name}
          </TextLink>
        )}
      </Fact>
      <Fact name={t('field.licence')}>{person.licenceNumber}</Fact>
      <Fact name={t('field.specialisations')}>{person.specialisations.join(', ')}</Fact>
      <Fact name={t('field.visits')}>{t(person.isBookable ? 'profile.bookable' : 'profile.notBookable')}</Fact>
      <Fact name={t('field.access')}>{t(person.hasAccount ? 'profile.hasAccount' : 'profile.noAccount')}</Fact>
      <Fact name={t('field.colour')}>
        <Group gap={8} component="span">
          <ColorSwatch color={person.colour} size={16} aria-hidden="true" component="span" /> {person.colour}
        </Group>
      </Fact>
    </Facts>
  )
}

function EditForm({ person, onClose }: { person: PersonFieldsFragment; onClose: () => void }) {
  const { t } = useTranslation('people')
  const [draft, setDraft] = useState(() => draftOf(person))
  const { submit, problem, isRunning } = useSubmit(UpdatePerson, ({ updateStaffProfile: made }) =>
    made.__typename === 'StaffProfile' ? { done: made.id } : { failure: refusal(made) },
  )

  async function save() {
    if ((await submit({ input: toUpdateInput(person, draft) })) === null) return
    notify({ color: 'pine', message: t('profile.saved') })
    onClose()
  }

  return (
    <Stack>
      <PersonForm
        draft={draft}
        onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
        onSubmit={() => void save()}
        submitLabel={t('save')}
        problem={problem}
        isRunning={isRunning}
        person={person}
      />
    </Stack>
  )
}
