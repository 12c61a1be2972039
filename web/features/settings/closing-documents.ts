import { graphql } from '../../gql/index.ts'

export const ClosureFields = graphql(`
  fragment ClosureFields on ClinicClosure {
    id
    startsAt
    endsAt
    title
  }
`)

export const ClosuresDocument = graphql(`
  query Closures($from: LocalDate!, $until: LocalDate!, $year: Int!) {
    closures(from: $from, until: $until) {
      id
      ...ClosureFields
    }
    publicHolidays(year: $year) {
      code
      date
      name
      isClosed
    }
  }
`)

export const AffectedVisitFields = graphql(`
  fragment AffectedVisitFields on Appointment {
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
    staff {
      id
      name
    }
  }
`)

export const ClosingImpactDocument = graphql(`
  query ClosingImpact($startsAt: DateTime!, $endsAt: DateTime!, $roomId: UUID, $equipmentId: UUID) {
    impact: closingImpact(startsAt: $startsAt, endsAt: $endsAt, roomId: $roomId, equipmentId: $equipmentId) {
      visits {
        id
        ...AffectedVisitFields
      }
    }
  }
`)

export const HolidayImpactDocument = graphql(`
  query HolidayImpact($year: Int!) {
    impact: holidayImpact(year: $year) {
      visits {
        id
        ...AffectedVisitFields
      }
    }
  }
`)

export const AddClosure = graphql(`
  mutation AddClosure($input: AddClosureInput!) {
    addClosure(input: $input) {
      ... on ClinicClosure {
        id
        ...ClosureFields
      }
      ...ErrorFields
    }
  }
`)

export const RemoveClosure = graphql(`
  mutation RemoveClosure($input: OpenTimeInput!) {
    removeClosure(input: $input) {
      ... on OpenedTime {
        id
      }
      ...ErrorFields
    }
  }
`)

export const ImportHolidays = graphql(`
  mutation ImportHolidays($input: ImportHolidaysInput!) {
    importHolidays(input: $input) {
      ... on ImportedHolidays {
        year
        closures {
          id
          ...ClosureFields
        }
      }
      ...ErrorFields
    }
  }
`)

export const MaintenanceFields = graphql(`
  fragment MaintenanceFields on MaintenanceWindow {
    id
    startsAt
    endsAt
    title
    equipmentName
    room {
      id
      name
    }
  }
`)

export const MaintenanceDocument = graphql(`
  query Maintenance($from: LocalDate!, $until: LocalDate!) {
    maintenanceWindows(from: $from, until: $until) {
      id
      ...MaintenanceFields
    }
  }
`)

export const AddMaintenance = graphql(`
  mutation AddMaintenance($input: AddMaintenanceInput!) {
    addMaintenance(input: $input) {
      ... on MaintenanceWindow {
        id
        ...MaintenanceFields
      }
      ...ErrorFields
    }
  }
`)

export const RemoveMaintenance = graphql(`
  mutation RemoveMaintenance($input: OpenTimeInput!) {
    removeMaintenance(input: $input) {
      ... on OpenedTime {
        id
      }
      ...ErrorFields
    }
  }
`)
