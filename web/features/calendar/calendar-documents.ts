import { graphql } from '../../gql/index.ts'

export const FeedFields = graphql(`
  fragment FeedFields on CalendarFeed {
    id
    kind
    staffId
    name
    createdByName
    createdAt
    lastReadAt
    revokedAt
  }
`)

export const CalendarFeedsDocument = graphql(`
  query CalendarFeeds($first: Int!, $after: String) {
    calendarFeeds(first: $first, after: $after) {
      edges {
        node {
          id
          ...FeedFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const FeedRooms = graphql(`
  query FeedRooms {
    rooms {
      id
      name
      isArchived
    }
  }
`)

export const CreateCalendarFeed = graphql(`
  mutation CreateCalendarFeed($input: CreateCalendarFeedInput!) {
    createCalendarFeed(input: $input) {
      ... on NewCalendarFeed {
        url
        feed {
          id
          ...FeedFields
        }
      }
      ...ErrorFields
    }
  }
`)

export const RevokeCalendarFeed = graphql(`
  mutation RevokeCalendarFeed($input: RevokeCalendarFeedInput!) {
    revokeCalendarFeed(input: $input) {
      ... on CalendarFeed {
        id
        ...FeedFields
      }
      ...ErrorFields
    }
  }
`)
