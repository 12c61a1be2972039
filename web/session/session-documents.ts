import { graphql } from '../gql/index.ts'

export const ViewerFields = graphql(`
  fragment ViewerFields on Viewer {
    isClinical
    staffId
    roles
    permissions
    ownPermissions
    staffId
    user {
      id
      name
      locale
    }
    clinic {
      id
      ...ClinicFields
    }
    clinics {
      id
      name
    }
  }
`)

export const ClinicFields = graphql(`
  fragment ClinicFields on Clinic {
    id
    name
    countryCode
    timeZone
    currency
    opensMinute
    closesMinute
  }
`)

export const SessionFields = graphql(`
  fragment SessionFields on Session {
    accessToken
    expiresAt
    idleMinutes
    viewer {
      ...ViewerFields
    }
  }
`)

export const CurrentViewer = graphql(`
  query CurrentViewer {
    viewer {
      ...ViewerFields
    }
  }
`)

export const SignIn = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      ...SessionFields
      ...ErrorFields
    }
  }
`)

export const RefreshSession = graphql(`
  mutation RefreshSession {
    refreshSession {
      ...SessionFields
      ...ErrorFields
    }
  }
`)

export const SignOut = graphql(`
  mutation SignOut {
    signOut {
      __typename
    }
  }
`)

export const SignOutEverywhere = graphql(`
  mutation SignOutEverywhere {
    signOutEverywhere {
      __typename
    }
  }
`)

export const SetupState = graphql(`
  query SetupState {
    setupRequired
    countryPresets {
      code
      currency
      timeZone
      locale
      taxName
      standardTaxRate
    }
  }
`)

export const SetUpInstallation = graphql(`
  mutation SetUpInstallation($input: SetUpInput!) {
    setUpInstallation(input: $input) {
      ...SessionFields
      ...ErrorFields
    }
  }
`)

export const SetLocale = graphql(`
  mutation SetLocale($input: SetLocaleInput!) {
    setLocale(input: $input) {
      ... on ViewerUser {
        id
        locale
      }
      ...ErrorFields
    }
  }
`)
