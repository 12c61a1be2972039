import { graphql } from '../../gql/index.ts'

export const TemplateFields = graphql(`
  fragment TemplateFields on MessageTemplate {
    id
    code
    channel
    locale
    subject
    body
    placeholders
    version
  }
`)

export const MessageTemplatesDocument = graphql(`
  query MessageTemplates {
    messageTemplates {
      ...TemplateFields
    }
  }
`)

export const MessagePreviewDocument = graphql(`
  query MessagePreview($code: String!, $channel: TextChannel!, $locale: String!, $subject: String, $body: String!) {
    messagePreview(code: $code, channel: $channel, locale: $locale, subject: $subject, body: $body) {
      subject
      text
      unknownPlaceholders
    }
  }
`)

export const SaveMessageTemplate = graphql(`
  mutation SaveMessageTemplate($input: SaveMessageTemplateInput!) {
    saveMessageTemplate(input: $input) {
      ... on MessageTemplate {
        ...TemplateFields
      }
      ...ErrorFields
    }
  }
`)

export const ResetMessageTemplate = graphql(`
  mutation ResetMessageTemplate($id: UUID!) {
    resetMessageTemplate(id: $id) {
      ... on MessageTemplate {
        ...TemplateFields
      }
      ...ErrorFields
    }
  }
`)
