import { useQuery } from 'urql'
import type { SearchPatientsQuery } from '../../gql/graphql.ts'
import { graphql } from '../../gql/index.ts'

export const SearchPatients = graphql(`
  query SearchPatients($query: String!, $first: Int!) {
    searchPatients(query: $query, first: $first) {
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
  }
`)

export type FoundPatient = SearchPatientsQuery['searchPatients'][number]

/** Patients by name, record number, owner or phone, from two characters on; the server ignores accents. */
export function usePatientSearch(query: string, first: number) {
  const isPaused = query.length < 2
  const [result, retry] = useQuery({ query: SearchPatients, variables: { query, first }, pause: isPaused })
  const patients: readonly FoundPatient[] = isPaused ? [] : (result.data?.searchPatients ?? [])
  return { patients, isSearching: result.fetching, result, retry }
}
