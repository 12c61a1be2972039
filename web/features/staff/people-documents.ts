import { graphql } from '../../gql/index.ts'

export const StaffListDocument = graphql(`
  query StaffList($query: String, $includeInactive: Boolean!, $first: Int!, $after: String) {
    staff(query: $query, includeInactive: $includeInactive, first: $first, after: $after) {
      edges {
        node {
          id
          name
          employeeNumber
          position
          department
          colour
          isActive
          terminatedOn
          primaryClinic {
            id
            name
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

export const StaffChoicesDocument = graphql(`
  query StaffChoices($query: String) {
    staff(query: $query, first: 50) {
      edges {
        node {
          id
          name
        }
      }
    }
  }
`)

export const StaffNameDocument = graphql(`
  query StaffName($id: UUID!) {
    staffMember(id: $id) {
      id
      name
    }
  }
`)

/** Users who could sign in as somebody: only whoever administers roles may read them. */
export const AccountChoicesDocument = graphql(`
  query AccountChoices {
    users(first: 100) {
      edges {
        node {
          id
          name
          email
          isActive
        }
      }
    }
  }
`)

export const PersonFields = graphql(`
  fragment PersonFields on StaffProfile {
    id
    version
    name
    employeeNumber
    position
    hiredOn
    terminatedOn
    employmentType
    department
    licenceNumber
    specialisations
    colour
    isBookable
    isActive
    hasAccount
    primaryClinic {
      id
      name
    }
    manager {
      id
      name
    }
  }
`)

export const WeeklyHoursFields = graphql(`
  fragment WeeklyHoursFields on StaffProfile {
    id
    schedules(includePast: true) {
      id
      weekday
      start
      end
      validFrom
      validUntil
      breaks {
        id
        start
        end
      }
    }
  }
`)

export const PersonDocument = graphql(`
  query Person($id: UUID!) {
    staffMember(id: $id) {
      id
      ...PersonFields
    }
  }
`)

export const WeeklyHoursDocument = graphql(`
  query WeeklyHours($id: UUID!) {
    staffMember(id: $id) {
      id
      ...WeeklyHoursFields
    }
  }
`)

export const CreatePerson = graphql(`
  mutation CreatePerson($input: CreateStaffProfileInput!) {
    createStaffProfile(input: $input) {
      ... on StaffProfile {
        id
        ...PersonFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdatePerson = graphql(`
  mutation UpdatePerson($input: UpdateStaffProfileInput!) {
    updateStaffProfile(input: $input) {
      ... on StaffProfile {
        id
        ...PersonFields
      }
      ...ErrorFields
    }
  }
`)

export const SetWeeklyHours = graphql(`
  mutation SetWeeklyHours($input: SetWeeklyScheduleInput!) {
    setWeeklySchedule(input: $input) {
      ... on StaffProfile {
        id
        ...WeeklyHoursFields
      }
      ...ErrorFields
    }
  }
`)

export const StaffTaskFields = graphql(`
  fragment StaffTaskFields on StaffTask {
    id
    version
    process
    step
    title
    dueOn
    isOverdue
    doneAt
    doneBy {
      id
      name
    }
  }
`)

export const StaffTasksDocument = graphql(`
  query StaffTasks($staffId: UUID!) {
    staffTasks(staffId: $staffId, includeDone: true, first: 100) {
      edges {
        node {
          id
          ...StaffTaskFields
        }
      }
    }
  }
`)

export const StartOnboarding = graphql(`
  mutation StartOnboarding($input: StartOnboardingInput!) {
    startOnboarding(input: $input) {
      ... on Onboarding {
        tasks {
          id
          ...StaffTaskFields
        }
      }
      ...ErrorFields
    }
  }
`)

export const AddStaffTask = graphql(`
  mutation AddStaffTask($input: AddStaffTaskInput!) {
    addStaffTask(input: $input) {
      ... on StaffTask {
        id
        ...StaffTaskFields
      }
      ...ErrorFields
    }
  }
`)

export const SetStaffTaskDone = graphql(`
  mutation SetStaffTaskDone($input: SetStaffTaskDoneInput!) {
    setStaffTaskDone(input: $input) {
      ... on StaffTask {
        id
        ...StaffTaskFields
      }
      ...ErrorFields
    }
  }
`)

export const OffboardingImpactDocument = graphql(`
  query OffboardingImpact($staffId: UUID!, $lastDay: LocalDate!) {
    offboardingImpact(staffId: $staffId, lastDay: $lastDay) {
      endedRoles
      affectedElsewhere
      affectedAppointments {
        id
        startsAt
        patient {
          id
          name
        }
      }
      affectedSchedules {
        id
        weekday
        start
        end
      }
    }
  }
`)

export const OffboardPerson = graphql(`
  mutation OffboardPerson($input: OffboardStaffMemberInput!) {
    offboardStaffMember(input: $input) {
      ... on Offboarding {
        staff {
          id
          ...PersonFields
        }
      }
      ...ErrorFields
    }
  }
`)
