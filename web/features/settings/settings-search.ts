import { oneOf, textParam } from '../../search-params.ts'

export type ClinicSettingsSearch = { year?: number | undefined; archived?: 'shown' | undefined }

export function readClinicSettingsSearch(raw: Record<string, unknown>): ClinicSettingsSearch {
  const year = textParam(raw, 'year') ?? ''
  return { year: /^20\d\d$/.test(year) ? Number(year) : undefined, archived: oneOf(raw, 'archived', ['shown']) }
}

export type ServiceSettingsSearch = { archived?: 'shown' | undefined; edit?: string | undefined }

export function readServiceSettingsSearch(raw: Record<string, unknown>): ServiceSettingsSearch {
  return { archived: oneOf(raw, 'archived', ['shown']), edit: textParam(raw, 'edit') }
}
