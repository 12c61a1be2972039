import { oneOf, textParam } from '../../search-params.ts'

export const TABS = ['texts', 'rules', 'hours'] as const
export const TEXT_CHANNELS = ['mail', 'sms'] as const
export const TEXT_LANGUAGES = ['es-MX', 'en'] as const

export type TemplateSearch = {
  tab?: (typeof TABS)[number]
  /** Which text is open. */
  code?: string
  channel?: (typeof TEXT_CHANNELS)[number]
  language?: (typeof TEXT_LANGUAGES)[number]
}

export function readTemplateSearch(raw: Record<string, unknown>): TemplateSearch {
  return {
    tab: oneOf(raw, 'tab', TABS),
    code: textParam(raw, 'code'),
    channel: oneOf(raw, 'channel', TEXT_CHANNELS),
    language: oneOf(raw, 'language', TEXT_LANGUAGES),
  }
}
