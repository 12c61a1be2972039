import { graphql } from '../../gql/index.ts'

export const RoomFields = graphql(`
  fragment RoomFields on Room {
    id
    version
    name
    kind
    position
    isArchived
  }
`)

export const EquipmentFields = graphql(`
  fragment EquipmentFields on Equipment {
    id
    version
    name
    kind
    position
    serialNumber
    isArchived
  }
`)

export const PlacesDocument = graphql(`
  query Places($includeArchived: Boolean!) {
    rooms(includeArchived: $includeArchived) {
      id
      ...RoomFields
    }
    equipment(includeArchived: $includeArchived) {
      id
      ...EquipmentFields
    }
  }
`)

export const CreateRoom = graphql(`
  mutation CreateRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      ... on Room {
        id
        ...RoomFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateRoom = graphql(`
  mutation UpdateRoom($input: UpdateRoomInput!) {
    updateRoom(input: $input) {
      ... on Room {
        id
        ...RoomFields
      }
      ...ErrorFields
    }
  }
`)

export const CreateEquipment = graphql(`
  mutation CreateEquipment($input: CreateEquipmentInput!) {
    createEquipment(input: $input) {
      ... on Equipment {
        id
        ...EquipmentFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateEquipment = graphql(`
  mutation UpdateEquipment($input: UpdateEquipmentInput!) {
    updateEquipment(input: $input) {
      ... on Equipment {
        id
        ...EquipmentFields
      }
      ...ErrorFields
    }
  }
`)
