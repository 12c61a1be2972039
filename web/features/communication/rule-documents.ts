import { graphql } from '../../gql/index.ts'

export const RuleFields = graphql(`
  fragment RuleFields on MessageRule {
    id
    version
    event
    channel
    leadMinutes
    locale
    templateCode
    isActive
    appointmentType {
      id
      name
    }
  }
`)

export const MessageRulesDocument = graphql(`
  query MessageRules {
    messageRules {
      id
      ...RuleFields
    }
    appointmentTypes {
      id
      name
    }
  }
`)

export const CreateMessageRule = graphql(`
  mutation CreateMessageRule($input: CreateMessageRuleInput!) {
    createMessageRule(input: $input) {
      ... on MessageRule {
        id
        ...RuleFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateMessageRule = graphql(`
  mutation UpdateMessageRule($input: UpdateMessageRuleInput!) {
    updateMessageRule(input: $input) {
      ... on MessageRule {
        id
        ...RuleFields
      }
      ...ErrorFields
    }
  }
`)

export const MessageSettingsDocument = graphql(`
  query MessageSettings {
    messageSettings {
      quietFrom
      quietUntil
      version
    }
  }
`)

export const SetMessageSettings = graphql(`
  mutation SetMessageSettings($input: MessageSettingsInput!) {
    setMessageSettings(input: $input) {
      ... on MessageSettings {
        quietFrom
        quietUntil
        version
      }
      ...ErrorFields
    }
  }
`)
