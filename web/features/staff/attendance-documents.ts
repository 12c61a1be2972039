import { graphql } from '../../gql/index.ts'

export const AttendanceFields = graphql(`
  fragment AttendanceFields on AttendanceEntry {
    id
    version
    clockedInAt
    clockedOutAt
    minutesWorked
    correctedAt
    correctionReason
    correctedBy {
      id
      name
    }
  }
`)

export const AttendanceDocument = graphql(`
  query Attendance($staffId: UUID!, $from: LocalDate!, $until: LocalDate!) {
    attendance(staffId: $staffId, from: $from, until: $until) {
      minutesWorked
      entries {
        id
        ...AttendanceFields
      }
    }
  }
`)

/** Since when somebody is at work: what their button says. */
export const ClockStateDocument = graphql(`
  query ClockState($staffId: UUID!) {
    attendance(staffId: $staffId) {
      people {
        openSince
      }
    }
  }
`)

export const ClockIn = graphql(`
  mutation ClockIn {
    clockIn {
      ... on AttendanceEntry {
        id
        ...AttendanceFields
      }
      ...ErrorFields
    }
  }
`)

export const ClockOut = graphql(`
  mutation ClockOut {
    clockOut {
      ... on AttendanceEntry {
        id
        ...AttendanceFields
      }
      ...ErrorFields
    }
  }
`)

export const RecordAttendance = graphql(`
  mutation RecordAttendance($input: RecordAttendanceInput!) {
    recordAttendance(input: $input) {
      ... on AttendanceEntry {
        id
        ...AttendanceFields
      }
      ...ErrorFields
    }
  }
`)

export const CorrectAttendance = graphql(`
  mutation CorrectAttendance($input: CorrectAttendanceInput!) {
    correctAttendance(input: $input) {
      ... on AttendanceEntry {
        id
        ...AttendanceFields
      }
      ...ErrorFields
    }
  }
`)
