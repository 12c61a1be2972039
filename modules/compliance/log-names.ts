/** Log 0 is the spine: a tree over the heads of all others. */
export const SPINE = 0

/** Name of the spine: a checkpoint's origin and its key's name (docs/audit-format.md). */
export function spineOrigin(installationId: string): string {
  return `chiron/${installationId}/spine`
}

/** Name of a clinic's log of one month, `YYYY-MM`. */
export function logOrigin(installationId: string, clinicId: string, month: string): string {
  return `chiron/${installationId}/${clinicId}/${month}`
}
