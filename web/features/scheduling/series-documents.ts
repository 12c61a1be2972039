import { graphql } from '../../gql/index.ts'

export const OccurrenceFields = graphql(`
  fragment OccurrenceFields on SeriesOccurrence {
    date
    startsAt
    endsAt
    clockChange
    isSkipped
    skippedFor: reason
    resourceKind
    resourceName
    nextSlots
  }
`)

export const SeriesFields = graphql(`
  fragment SeriesFields on AppointmentSeries {
    id
    version
    rule
    isActive
    endedFrom
    appointments {
      id
      startsAt
      endsAt
      status
    }
    skipped {
      ...OccurrenceFields
    }
  }
`)

export const PreviewSeries = graphql(`
  query PreviewSeries($input: SeriesInput!) {
    previewSeries(input: $input) {
      ...OccurrenceFields
    }
  }
`)

export const BookSeries = graphql(`
  mutation BookSeries($input: SeriesInput!) {
    bookSeries(input: $input) {
      ... on AppointmentSeries {
        id
        ...SeriesFields
      }
      ...SlotTakenFields
      ...RequirementsFields
      ...ErrorFields
    }
  }
`)

export const CancelSeries = graphql(`
  mutation CancelSeries($input: CancelSeriesInput!) {
    cancelSeries(input: $input) {
      ... on AppointmentSeries {
        id
        ...SeriesFields
      }
      ...ErrorFields
    }
  }
`)
