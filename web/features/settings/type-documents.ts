import { graphql } from '../../gql/index.ts'

export const TypeFields = graphql(`
  fragment TypeFields on AppointmentType {
    id
    version
    code
    name
    durationMinutes
    colour
    isOnline
    isArchived
    serviceId
    positions
    roomKinds
    equipmentKinds
    staffBuffer {
      before
      after
    }
    roomBuffer {
      before
      after
    }
    equipmentBuffer {
      before
      after
    }
  }
`)

export const AllAppointmentTypes = graphql(`
  query AllAppointmentTypes($includeArchived: Boolean!) {
    appointmentTypes(includeArchived: $includeArchived) {
      id
      ...TypeFields
    }
  }
`)

export const PriceList = graphql(`
  query PriceList {
    services {
      id
      name
    }
  }
`)

export const CreateAppointmentType = graphql(`
  mutation CreateAppointmentType($input: CreateAppointmentTypeInput!) {
    createAppointmentType(input: $input) {
      ... on AppointmentType {
        id
        ...TypeFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateAppointmentType = graphql(`
  mutation UpdateAppointmentType($input: UpdateAppointmentTypeInput!) {
    updateAppointmentType(input: $input) {
      ... on AppointmentType {
        id
        ...TypeFields
      }
      ...ErrorFields
    }
  }
`)
