import { graphql } from '../../gql/index.ts'

export const ClientPreferencesDocument = graphql(`
  query ClientPreferences($id: UUID!) {
    client(id: $id) {
      id
      name
      locale
      version
      preference {
        clientId
        version
        quietFrom
        quietUntil
        refusals {
          channel
          kind
        }
      }
    }
  }
`)

export const SetClientPreference = graphql(`
  mutation SetClientPreference($input: ClientPreferenceInput!) {
    setClientPreference(input: $input) {
      ... on ClientPreference {
        clientId
        version
      }
      ...ErrorFields
    }
  }
`)

export const SetClientLanguage = graphql(`
  mutation SetClientLanguage($input: UpdateClientInput!) {
    updateClient(input: $input) {
      ... on Client {
        id
        locale
        version
      }
      ...ErrorFields
    }
  }
`)
