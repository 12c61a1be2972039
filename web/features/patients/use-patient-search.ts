import { useQuery } from 'urql'
import type { FoundPatientFieldsFragment } from '../../gql/graphql.ts'
import { graphql, readFragment } from '../../gql/index.ts'

/** A patient as a list offers them, and as a form shows the one who was chosen. */
export const FoundPatientFields = graphql(`
  fragment FoundPatientFields on Patient {
    id
    recordNumber
    name
    speciesCode
    alerts
    allergies
    diedOn
    species {
      code
      name
    }
    breed {
      code
      name
    }
    client {
      id
      name
      phone
    }
  }
`)

export const SearchPatients = graphql(`
  query SearchPatients($query: String!, $first: Int!) {
    searchPatients(query: $query, first: $first) {
      id
      ...FoundPatientFields
    }
  }
`)

export type FoundPatient = FoundPatientFieldsFragment

/** Patients by name, record number, owner or phone, from two characters on; the server ignores accents. */
export function usePatientSearch(query: string, first: number) {
  const isPaused = query.length < 2
  const [result, retry] = useQuery({ query: SearchPatients, variables: { query, first }, pause: isPaused })
  const patients: readonly FoundPatient[] = isPaused ? [] : (readFragment(FoundPatientFields, result.data?.searchPatients) ?? [])
  return { patients, isSearching: result.fetching, result, retry }
}
