import { IconChecks } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'

import { graphql } from '../../gql/index.ts'
import { useLiveQuery } from '../../live/use-live-query.ts'
import { QueryView } from '../../QueryView.tsx'
import { useFormat } from '../../session/viewer.ts'
import { StateMessage } from '../../ui/StateMessage.tsx'
import { TextLink } from '../../ui/TextLink.tsx'
import { useCodeLabel } from '../../use-code-label.ts'
import classes from './Notes.module.css'

const UnsignedNotesDocument = graphql(`
  query UnsignedNotes($authorId: UUID!) {
    notes(authorId: $authorId, status: "draft", first: 25) {
      edges {
        node {
          id
          title
          kind
          writtenAt
          patient {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`)

/** Drafts of one person, newest first: each leads to the chart in which it is signed. */
export function UnsignedNotes({ authorId }: { authorId: string }) {
  const { t } = useTranslation('board')
  const format = useFormat()
  const label = useCodeLabel()
  const [result, retry] = useLiveQuery(['ClinicalNote'], { query: UnsignedNotesDocument, variables: { authorId } })
  return (
    <QueryView result={result} onRetry={retry} skeletonHeight={120}>
      {({ notes: { edges, pageInfo } }) =>
        edges.length === 0 ? (
          <StateMessage icon={<IconChecks size={34} stroke={1.5} />} title={t('myDay.noNotes')} />
        ) : (
          <ul className={classes.unsigned}>
            {edges.map(({ node }) => (
              <li key={node.id}>
                <TextLink to="/patients/$id" params={{ id: node.patient.id }} search={{ tab: 'notes' }}>
                  {node.patient.name}: {node.title}
                </TextLink>
                <span>
                  {label('noteKind', node.kind)} · {format.dateTime(node.writtenAt)}
                </span>
              </li>
            ))}
            {pageInfo.hasNextPage && <li>{t('myDay.moreNotes')}</li>}
          </ul>
        )
      }
    </QueryView>
  )
}
