import { Navigate } from '@tanstack/react-router'

import { ForbiddenState } from '../../FailureState.tsx'
import { useViewer } from '../../session/viewer.ts'
import { landingOf } from './navigation.ts'

/** Leads each role to where its day begins. */
export function Home() {
  const to = landingOf(useViewer())
  return to === null ? <ForbiddenState permission={null} roles={[]} /> : <Navigate to={to} search={{}} replace />
}
