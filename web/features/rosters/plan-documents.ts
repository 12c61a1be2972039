import { graphql } from '../../gql/index.ts'

export const ShiftTemplateFields = graphql(`
  fragment ShiftTemplateFields on ShiftTemplate {
    id
    version
    code
    name
    start
    end
    endsNextDay
    breakStart
    breakEnd
    position
    capacity
    colour
    isArchived
  }
`)

export const ShiftTemplatesDocument = graphql(`
  query ShiftTemplates($includeArchived: Boolean!) {
    shiftTemplates(includeArchived: $includeArchived) {
      id
      ...ShiftTemplateFields
    }
  }
`)

export const CreateShiftTemplate = graphql(`
  mutation CreateShiftTemplate($input: CreateShiftTemplateInput!) {
    createShiftTemplate(input: $input) {
      ... on ShiftTemplate {
        id
        ...ShiftTemplateFields
      }
      ...ErrorFields
    }
  }
`)

export const UpdateShiftTemplate = graphql(`
  mutation UpdateShiftTemplate($input: UpdateShiftTemplateInput!) {
    updateShiftTemplate(input: $input) {
      ... on ShiftTemplate {
        id
        ...ShiftTemplateFields
      }
      ...ErrorFields
    }
  }
`)

export const CoverageNeedsDocument = graphql(`
  query CoverageNeeds($from: LocalDate!) {
    coverageNeeds(from: $from) {
      id
      version
      position
      weekday
      start
      end
      minCount
      validFrom
      validUntil
    }
  }
`)

export const CreateCoverageNeed = graphql(`
  mutation CreateCoverageNeed($input: CreateCoverageNeedInput!) {
    createCoverageNeed(input: $input) {
      ... on CoverageNeed {
        id
      }
      ...ErrorFields
    }
  }
`)

export const EndCoverageNeed = graphql(`
  mutation EndCoverageNeed($input: EndCoverageNeedInput!) {
    endCoverageNeed(input: $input) {
      ... on CoveragePlan {
        needs {
          id
        }
      }
      ...ErrorFields
    }
  }
`)

export const WorkRuleDocument = graphql(`
  query WorkRule($date: LocalDate!) {
    workRule(date: $date) {
      maxWeekMinutes
      maxDayMinutes
      maxMixedMinutes
      maxNightMinutes
      minRestMinutes
      maxConsecutiveDays
      isPreset
      version
    }
  }
`)

export const SetWorkRule = graphql(`
  mutation SetWorkRule($input: SetWorkRuleInput!) {
    setWorkRule(input: $input) {
      ... on WorkRule {
        version
      }
      ...ErrorFields
    }
  }
`)
