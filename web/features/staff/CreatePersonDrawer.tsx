import { Drawer } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { refusal } from '../../failure.ts'
import { notify } from '../../notify.ts'
import { useFormat, useViewer } from '../../session/viewer.ts'
import { dateIn } from '../../ui/dates.ts'
import { PersonForm } from './PersonForm.tsx'
import { CreatePerson } from './people-documents.ts'
import { newDraft, toCreateInput } from './person-draft.ts'
import { useSubmit } from './use-submit.ts'

export function CreatePersonDrawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation('people')
  return (
    <Drawer opened={isOpen} onClose={onClose} title={t('create.title')} closeButtonProps={{ 'aria-label': t('close') }}>
      {isOpen && <CreateForm />}
    </Drawer>
  )
}

/** Somebody new, and from there to their page: hours, credentials and the steps of the first days come next. */
function CreateForm() {
  const { t } = useTranslation('people')
  const { timeZone } = useFormat()
  const { clinic } = useViewer()
  const navigate = useNavigate()
  const [draft, setDraft] = useState(() => newDraft(dateIn(timeZone, new Date()), clinic.id))
  const { submit, problem, isRunning } = useSubmit(CreatePerson, ({ createStaffProfile: made }) =>
    made.__typename === 'StaffProfile' ? { done: made.id } : { failure: refusal(made) },
  )

  async function create() {
    const id = await submit({ input: toCreateInput(draft) })
    if (id === null) return
    notify({ color: 'pine', message: t('create.done', { name: draft.name.trim() }) })
    void navigate({ to: '/staff/people/$id', params: { id }, search: {} })
  }

  return (
    <PersonForm
      draft={draft}
      onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
      onSubmit={() => void create()}
      submitLabel={t('create.submit')}
      problem={problem}
      isRunning={isRunning}
    />
  )
}
