import { ActionIcon, Button } from '@mantine/core'
import { IconEyeSearch } from '@tabler/icons-react'
import { createLink } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useCan } from '../../session/viewer.ts'

const LinkButton = createLink(Button<'a'>)
const LinkIcon = createLink(ActionIcon<'a'>)

type WhoSawThisProps = {
  /** How people call it. */
  name: string
  /** A patient or person, with all records about them; anything else is a record by itself. */
  subjectId?: string
  recordId?: string
  isIcon?: boolean
}

/** Leads whoever may see the log to everything that was read and changed of a record. */
export function WhoSawThis({ name, subjectId, recordId, isIcon = false }: WhoSawThisProps) {
  const { t } = useTranslation('audit')
  const can = useCan()
  if (!can('audit-log:view')) return null
  const search = { subjectId, recordId }
  if (isIcon) {
    return (
      <LinkIcon component="a" to="/compliance/audit" search={search} variant="subtle" color="gray" size="sm" aria-label={t('whoSaw.openOf', { name })}>
        <IconEyeSearch size={16} />
      </LinkIcon>
    )
  }
  return (
    <LinkButton component="a" to="/compliance/audit" search={search} variant="default" leftSection={<IconEyeSearch size={16} />}>
      {t('whoSaw.open')}
    </LinkButton>
  )
}
