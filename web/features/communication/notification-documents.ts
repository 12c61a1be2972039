import { graphql } from '../../gql/index.ts'

export const NotificationFields = graphql(`
  fragment NotificationFields on Notification {
    id
    kind
    createdAt
    readAt
    params {
      name
      value
    }
    appointment @include(if: $withVisits) {
      id
      startsAt
      patient {
        id
        name
      }
      type {
        id
        name
      }
    }
  }
`)

export const UnreadNotifications = graphql(`
  query UnreadNotifications {
    unreadNotificationCount
  }
`)

export const NotificationsDocument = graphql(`
  query Notifications($first: Int!, $after: String, $withVisits: Boolean!) {
    notifications(first: $first, after: $after) {
      edges {
        node {
          id
          ...NotificationFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const MarkNotificationsRead = graphql(`
  mutation MarkNotificationsRead($ids: [UUID!]) {
    markNotificationsRead(ids: $ids) {
      ... on NotificationsRead {
        unreadCount
        notifications {
          id
          readAt
        }
      }
      ...ErrorFields
    }
  }
`)

export const MyMailPreference = graphql(`
  query MyMailPreference {
    myMailPreference {
      refusals
    }
  }
`)

export const SetMyMailPreference = graphql(`
  mutation SetMyMailPreference($input: MailPreferenceInput!) {
    setMyMailPreference(input: $input) {
      ... on MailPreference {
        refusals
      }
      ...ErrorFields
    }
  }
`)
