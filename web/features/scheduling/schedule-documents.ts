import { graphql } from '../../gql/index.ts'

export const AppointmentFields = graphql(`
  fragment AppointmentFields on Appointment {
    id
    startsAt
    endsAt
    status
    reason
    version
    confirmedAt
    checkedInAt
    startedAt
    completedAt
    checkedOutAt
    cancelledAt
    noShowAt
    cancelReason
    patient {
      id
      name
      recordNumber
      speciesCode
      alerts
      client {
        id
        name
        phone
      }
    }
    type {
      id
      name
      colour
    }
    staff {
      id
      name
    }
    room {
      id
      name
    }
  }
`)

export const DayScheduleDocument = graphql(`
  query DaySchedule($date: LocalDate!) {
    daySchedule(date: $date) {
      date
      day {
        startsAt
        endsAt
      }
      staff {
        staff {
          id
          name
          position
          colour
        }
        shifts {
          startsAt
          endsAt
        }
      }
      rooms {
        id
        name
        kind
      }
      equipment {
        id
        name
        kind
      }
      blocks {
        id
        kind
        startsAt
        endsAt
        title
        staffId
        roomId
      }
      holds {
        id
        startsAt
        endsAt
        staffId
        roomId
      }
      appointments {
        id
        ...AppointmentFields
      }
    }
  }
`)

export const ScheduleRangeDocument = graphql(`
  query ScheduleRange($from: LocalDate!, $until: LocalDate!, $staffId: UUID, $roomId: UUID) {
    scheduleRange(from: $from, until: $until, staffId: $staffId, roomId: $roomId) {
      from
      until
      shifts {
        startsAt
        endsAt
      }
      blocks {
        id
        kind
        startsAt
        endsAt
        title
        staffId
        roomId
      }
      appointments {
        id
        ...AppointmentFields
      }
    }
  }
`)

export const ScheduleCountsDocument = graphql(`
  query ScheduleCounts($from: LocalDate!, $until: LocalDate!) {
    scheduleCounts(from: $from, until: $until) {
      date
      booked
      cancelled
      blocks
    }
  }
`)

export const ScheduleColumns = graphql(`
  query ScheduleColumns($date: LocalDate!) {
    bookableStaff(date: $date) {
      id
      name
    }
    rooms {
      id
      name
    }
  }
`)

export const AppointmentEquipment = graphql(`
  query AppointmentEquipment($id: UUID!) {
    appointment(id: $id) {
      id
      equipment {
        id
        name
      }
      series {
        id
        ...SeriesFields
      }
    }
  }
`)

export const RequirementsFields = graphql(`
  fragment RequirementsFields on RequirementsNotMet {
    positions
    roomKinds
    equipmentKinds
  }
`)

export const AppointmentTypes = graphql(`
  query AppointmentTypes {
    appointmentTypes {
      id
      code
      name
      durationMinutes
      colour
      positions
      roomKinds
      equipmentKinds
    }
  }
`)

export const SlotTakenFields = graphql(`
  fragment SlotTakenFields on SlotTaken {
    resourceId
    resourceKind
    resourceName
    blockedBy: reason
    startsAt
    endsAt
    nextSlots
  }
`)

export const BookAppointment = graphql(`
  mutation BookAppointment($input: BookAppointmentInput!) {
    bookAppointment(input: $input) {
      ... on Appointment {
        id
        ...AppointmentFields
      }
      ...SlotTakenFields
      ...RequirementsFields
      ...ErrorFields
    }
  }
`)

export const RescheduleAppointment = graphql(`
  mutation RescheduleAppointment($input: RescheduleAppointmentInput!) {
    rescheduleAppointment(input: $input) {
      ... on Appointment {
        id
        ...AppointmentFields
      }
      ...SlotTakenFields
      ...RequirementsFields
      ...ErrorFields
    }
  }
`)

export const CancelAppointment = graphql(`
  mutation CancelAppointment($input: CancelAppointmentInput!) {
    cancelAppointment(input: $input) {
      ... on Appointment {
        id
        ...AppointmentFields
      }
      ...ErrorFields
    }
  }
`)

export const SetAppointmentStatus = graphql(`
  mutation SetAppointmentStatus($input: SetAppointmentStatusInput!) {
    setAppointmentStatus(input: $input) {
      ... on Appointment {
        id
        ...AppointmentFields
      }
      ...ErrorFields
    }
  }
`)
