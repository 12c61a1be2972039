import { graphql } from '../../gql/index.ts'

export const MessageFields = graphql(`
  fragment MessageFields on Message {
    id
    channel
    kind
    templateCode
    locale
    status
    errorCode
    attempts
    providerId
    notBefore
    sentAt
    createdAt
    userName
    client {
      id
      name
    }
    appointment {
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

export const MessagesDocument = graphql(`
  query Messages($status: MessageStatus, $channel: MessageChannel, $clientId: UUID, $from: DateTime, $to: DateTime, $first: Int!, $after: String) {
    messages(status: $status, channel: $channel, clientId: $clientId, from: $from, to: $to, first: $first, after: $after) {
      edges {
        node {
          id
          ...MessageFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const RecipientName = graphql(`
  query RecipientName($id: UUID!) {
    client(id: $id) {
      id
      name
    }
  }
`)

export const FindRecipients = graphql(`
  query FindRecipients($query: String!) {
    clients(query: $query, first: 8) {
      edges {
        node {
          id
          name
          phone
        }
      }
    }
  }
`)

export const ResendMessage = graphql(`
  mutation ResendMessage($id: UUID!) {
    resendMessage(id: $id) {
      ... on Message {
        id
        ...MessageFields
      }
      ...ErrorFields
    }
  }
`)
