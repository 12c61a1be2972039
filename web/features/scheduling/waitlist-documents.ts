import { graphql } from '../../gql/index.ts'

export const OfferFields = graphql(`
  fragment OfferFields on WaitlistOffer {
    id
    startsAt
    endsAt
    expiresAt
    status
    staff {
      id
      name
    }
    room {
      id
      name
    }
  }
`)

export const WaitlistFields = graphql(`
  fragment WaitlistFields on WaitlistEntry {
    id
    version
    status
    priority
    note
    waitingSince
    earliestOn
    latestOn
    earliest
    latest
    weekdays
    patient {
      id
      name
      client {
        id
        name
        phone
      }
    }
    type {
      id
      name
    }
    staff {
      id
      name
    }
    offers {
      id
      ...OfferFields
    }
  }
`)

export const WaitlistDocument = graphql(`
  query Waitlist($statuses: [WaitlistStatus!]!) {
    waitlist(statuses: $statuses) {
      id
      ...WaitlistFields
    }
  }
`)

/** A patient who was chosen elsewhere, as the search would have found them. */
export const WaitlistPatient = graphql(`
  query WaitlistPatient($id: UUID!) {
    patient(id: $id) {
      id
      ...FoundPatientFields
    }
  }
`)

export const AddToWaitlist = graphql(`
  mutation AddToWaitlist($input: AddToWaitlistInput!) {
    addToWaitlist(input: $input) {
      ... on WaitlistEntry {
        id
        ...WaitlistFields
      }
      ...ErrorFields
    }
  }
`)

export const WithdrawFromWaitlist = graphql(`
  mutation WithdrawFromWaitlist($input: WithdrawFromWaitlistInput!) {
    withdrawFromWaitlist(input: $input) {
      ... on WaitlistEntry {
        id
        ...WaitlistFields
      }
      ...ErrorFields
    }
  }
`)

export const AcceptOffer = graphql(`
  mutation AcceptOffer($input: WaitlistOfferInput!) {
    acceptOffer(input: $input) {
      ... on WaitlistOffer {
        id
        ...OfferFields
        appointment {
          id
          startsAt
        }
      }
      ...SlotTakenFields
      ...RequirementsFields
      ...ErrorFields
    }
  }
`)

export const DeclineOffer = graphql(`
  mutation DeclineOffer($input: WaitlistOfferInput!) {
    declineOffer(input: $input) {
      ... on WaitlistOffer {
        id
        ...OfferFields
      }
      ...ErrorFields
    }
  }
`)
