import { graphql } from '../../gql/index.ts'

export const ShiftFields = graphql(`
  fragment ShiftFields on RosterShift {
    id
    version
    date
    start
    end
    endsNextDay
    breakStart
    breakEnd
    startsAt
    endsAt
    isClockChanged
    position
    note
    status
    staff {
      id
      name
    }
    template {
      id
      name
      colour
    }
  }
`)

export const RosterWeekDocument = graphql(`
  query RosterWeek($date: LocalDate!) {
    rosterWeek(date: $date) {
      weekStart
      roster {
        id
        status
        publishedAt
        version
      }
      shifts {
        id
        ...ShiftFields
      }
      coverage {
        date
        needed
        planned
        isMet
        need {
          id
          position
          start
          end
        }
      }
      warnings {
        code
        date
        actual
        limit
        staff {
          id
          name
        }
      }
      staff {
        id
        name
        position
        schedules(includePast: true) {
          id
          weekday
          start
          end
          validFrom
          validUntil
          breaks {
            start
            end
          }
        }
      }
    }
  }
`)

export const RosterBlocksDocument = graphql(`
  query RosterBlocks($from: LocalDate!, $until: LocalDate!) {
    scheduleRange(from: $from, until: $until) {
      blocks {
        id
        kind
        startsAt
        endsAt
        title
        staffId
      }
    }
  }
`)

export const RosterPeopleDocument = graphql(`
  query RosterPeople {
    staff(first: 100) {
      edges {
        node {
          id
          name
          position
        }
      }
    }
  }
`)

export const PlanShift = graphql(`
  mutation PlanShift($input: PlanShiftInput!) {
    planShift(input: $input) {
      ... on RosterShift {
        id
        ...ShiftFields
      }
      ...ErrorFields
    }
  }
`)

export const ChangeShift = graphql(`
  mutation ChangeShift($input: ChangeShiftInput!) {
    changeShift(input: $input) {
      ... on RosterShift {
        id
        ...ShiftFields
      }
      ...ErrorFields
    }
  }
`)

export const RemoveShift = graphql(`
  mutation RemoveShift($input: RemoveShiftInput!) {
    removeShift(input: $input) {
      ... on RosterWeek {
        weekStart
      }
      ...ErrorFields
    }
  }
`)

export const PlanTemplate = graphql(`
  mutation PlanTemplate($input: PlanTemplateInput!) {
    planTemplate(input: $input) {
      ... on RosterWeek {
        weekStart
      }
      ...ErrorFields
    }
  }
`)

export const CopyRoster = graphql(`
  mutation CopyRoster($input: CopyRosterInput!) {
    copyRoster(input: $input) {
      ... on RosterWeek {
        weekStart
      }
      ...ErrorFields
    }
  }
`)

export const PublishRoster = graphql(`
  mutation PublishRoster($input: PublishRosterInput!) {
    publishRoster(input: $input) {
      ... on RosterWeek {
        weekStart
      }
      ...ErrorFields
    }
  }
`)
