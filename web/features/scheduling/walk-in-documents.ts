import { graphql } from '../../gql/index.ts'

export const BookWalkIn = graphql(`
  mutation BookWalkIn($input: BookWalkInInput!) {
    bookWalkIn(input: $input) {
      ... on Appointment {
        id
        ...AppointmentFields
      }
      ... on NobodyFree {
        openSlots: nextSlots {
          startsAt
          endsAt
          staff {
            id
            name
          }
          room {
            id
            name
          }
          equipment {
            id
            name
          }
        }
      }
      ...SlotTakenFields
      ...RequirementsFields
      ...ErrorFields
    }
  }
`)
