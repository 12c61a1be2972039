import { graphql } from '../gql/index.ts'

export const Changes = graphql(`
  subscription Changes {
    changes {
      type
      isResync
    }
  }
`)
