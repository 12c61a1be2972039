import { useCan, useViewer } from '../../session/viewer.ts'

/** Whether the viewer holds a right over a person's records: over everybody's, or over their own when the person is themselves. */
export function useReach(personId: string): (permission: string) => boolean {
  const can = useCan()
  const { staffId, ownPermissions } = useViewer()
  return (permission) => can(permission) || (staffId === personId && ownPermissions.includes(permission))
}
