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
      appointments {
        id
        ...AppointmentFields
      }
    }
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
    }
  }
`)

export const SlotTakenFields = graphql(`
  fragment SlotTakenFields on SlotTaken {
    resourceId
    resourceKind
    resourceName
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
