import { oneOf, textParam, uuidParam } from '../../search-params.ts'

export const CREDENTIAL_STATUSES = ['recorded', 'verified', 'suspended', 'revoked'] as const
/** Days within which a credential expires. */
export const EXPIRY_CHOICES = [7, 30, 90] as const

export type CredentialSearch = {
  status?: (typeof CREDENTIAL_STATUSES)[number]
  within?: (typeof EXPIRY_CHOICES)[number]
  staff?: string
  after?: string
  /** The credential that is being looked at. */
  open?: string
}

export function readCredentialSearch(raw: Record<string, unknown>): CredentialSearch {
  return {
    status: oneOf(raw, 'status', CREDENTIAL_STATUSES),
    within: EXPIRY_CHOICES.find((days) => days === Number(raw.within)),
    staff: uuidParam(raw, 'staff'),
    after: textParam(raw, 'after'),
    open: uuidParam(raw, 'open'),
  }
}
