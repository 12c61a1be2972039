import { graphql } from '../../gql/index.ts'

export const SpeciesList = graphql(`
  query SpeciesList {
    species {
      code
      name
    }
  }
`)

export const FindClients = graphql(`
  query FindClients($query: String!) {
    clients(query: $query, first: 5) {
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

export const CreateClient = graphql(`
  mutation CreateClient($input: CreateClientInput!) {
    createClient(input: $input) {
      ... on Client {
        id
        name
        phone
      }
      ...ErrorFields
    }
  }
`)

export const CreatePatient = graphql(`
  mutation CreatePatient($input: CreatePatientInput!) {
    createPatient(input: $input) {
      ... on Patient {
        id
        ...FoundPatientFields
      }
      ...ErrorFields
    }
  }
`)
