import { Button, Group, Stack } from '@mantine/core'
import { IconNotes, IconPencilPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from 'urql'

import { ForbiddenState } from '../../FailureState.tsx'
import { QueryView } from '../../QueryView.tsx'
import { useCan, useViewer } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { readDraft } from './drafts.ts'
import { NewNote } from './NewNote.tsx'
import { NoteCard } from './NoteCard.tsx'
import { PatientNotesQuery } from './note-documents.ts'

/** The clinical notes of one patient, newest first, with the editor for a new one. */
export function PatientNotes({ patientId }: { patientId: string }) {
  const { t } = useTranslation('patients')
  const can = useCan()
  const { user } = useViewer()
  const [isWriting, setWriting] = useState(() => readDraft(user.id, patientId) !== null)
  const [cursors, setCursors] = useState<readonly (string | null)[]>([null])
  const canWrite = can('medical-record:write')
  return (
    <Stack gap="sm">
      {canWrite && !isWriting && (
        <Group>
          <Button leftSection={<IconPencilPlus size={17} />} onClick={() => setWriting(true)}>
            {t('notes.write')}
          </Button>
        </Group>
      )}
      {isWriting && <NewNote patientId={patientId} onClose={() => setWriting(false)} />}
      {cursors.map((after, index) => (
        <NotesPage
          key={after ?? 'first'}
          patientId={patientId}
          after={after}
          onMore={index === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : null}
          isEmptyShown={!isWriting}
        />
      ))}
    </Stack>
  )
}

type NotesPageProps = { patientId: string; after: string | null; onMore: ((cursor: string) => void) | null; isEmptyShown: boolean }

function NotesPage({ patientId, after, onMore, isEmptyShown }: NotesPageProps) {
  const { t } = useTranslation('patients')
  const [result, retry] = useQuery({ query: PatientNotesQuery, variables: { id: patientId, after } })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={180}>
      {(data) => {
        const notes = data.patient?.notes
        if (!notes) return <ForbiddenState permission="medical-record:read" roles={[]} />
        const own = notes.edges.filter((edge) => edge.node.amendsId === null)
        if (own.length === 0 && after === null && isEmptyShown) {
          return (
            <StateMessage icon={<IconNotes size={34} stroke={1.5} />} title={t('notes.empty')}>
              {t('notes.emptyText')}
            </StateMessage>
          )
        }
        const end = notes.pageInfo.hasNextPage ? notes.pageInfo.endCursor : null
        return (
          <>
            {own.map((edge) => (
              <NoteCard key={edge.node.id} note={edge.node} />
            ))}
            {onMore !== null && end !== null && (
              <Button variant="default" onClick={() => onMore(end)}>
                {t('notes.more')}
              </Button>
            )}
          </>
        )
      }}
    </QueryView>
  )
}
