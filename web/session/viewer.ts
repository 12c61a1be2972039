import { createContext, useContext, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClinicFieldsFragment, ViewerFieldsFragment } from '../gql/graphql.ts'
import { readFragment } from '../gql/index.ts'
import type { Format } from '../ui/format.ts'
import { createFormat } from '../ui/format.ts'
import { ClinicFields } from './session-documents.ts'

export type Viewer = Omit<ViewerFieldsFragment, 'clinic'> & { clinic: ClinicFieldsFragment }

const ViewerContext = createContext<Viewer | null>(null)
export const ViewerProvider = ViewerContext.Provider

export function unmaskViewer(viewer: ViewerFieldsFragment): Viewer {
  return { ...viewer, clinic: readFragment(ClinicFields, viewer.clinic) }
}

/** Who is signed in and where. Throws outside the signed-in part of the application. */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext)
  if (viewer === null) throw new Error('useViewer needs a signed-in session')
  return viewer
}

/** Whether the viewer holds a right in the active clinic. For what a screen offers; the server decides. */
export function useCan(): (permission: string) => boolean {
  const { permissions } = useViewer()
  return (permission) => permissions.includes(permission)
}

export function useFormat(): Format {
  const { clinic } = useViewer()
  const { i18n } = useTranslation()
  return useMemo(
    () => createFormat({ language: i18n.language, countryCode: clinic.countryCode, timeZone: clinic.timeZone }),
    [i18n.language, clinic.countryCode, clinic.timeZone],
  )
}
