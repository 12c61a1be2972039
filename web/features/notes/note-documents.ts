import { graphql } from '../../gql/index.ts'

export const NoteFields = graphql(`
  fragment NoteFields on ClinicalNote {
    id
    kind
    title
    body
    status
    isLocked
    version
    writtenAt
    signedAt
    author {
      id
      name
    }
    signedBy {
      id
      name
    }
    addenda {
      id
      body
      writtenAt
      author {
        id
        name
      }
    }
  }
`)

export const PatientNotesQuery = graphql(`
  query PatientNotes($id: UUID!, $after: String) {
    patient(id: $id) {
      id
      notes(first: 25, after: $after) {
        edges {
          node {
            id
            amendsId
            ...NoteFields
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

export const NoteTemplates = graphql(`
  query NoteTemplates {
    noteTemplates {
      id
      name
      kind
      locale
      body
    }
  }
`)

export const WriteNote = graphql(`
  mutation WriteNote($input: WriteNoteInput!) {
    writeNote(input: $input) {
      ... on ClinicalNote {
        id
        version
        ...NoteFields
      }
      ...ErrorFields
    }
  }
`)

export const EditNote = graphql(`
  mutation EditNote($input: EditNoteInput!) {
    editNote(input: $input) {
      ... on ClinicalNote {
        id
        version
        ...NoteFields
      }
      ...ErrorFields
    }
  }
`)

export const SignNote = graphql(`
  mutation SignNote($input: SignNoteInput!) {
    signNote(input: $input) {
      ... on ClinicalNote {
        id
        ...NoteFields
      }
      ...ErrorFields
    }
  }
`)

export const AddAddendum = graphql(`
  mutation AddAddendum($input: AddAddendumInput!) {
    addAddendum(input: $input) {
      ... on ClinicalNote {
        id
      }
      ...ErrorFields
    }
  }
`)
