import { graphql } from '../../gql/index.ts'

export const OpenSlots = graphql(`
  query OpenSlots($input: OpenSlotsInput!) {
    openSlots(input: $input) {
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
`)

export const ExplainSlot = graphql(`
  query ExplainSlot($input: ExplainSlotInput!) {
    explainSlot(input: $input) {
      isOpen
      obstacles {
        reason
        resourceKind
        resourceName
        startsAt
        endsAt
      }
      nextSlots {
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
  }
`)
