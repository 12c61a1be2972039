import { invalid } from '../kernel/errors.ts'
import { UnknownPlaceholderError } from './errors.ts'
import { type Placeholder, placeholdersOf } from './vocabulary.ts'

/** A text to be filled; `subject` is null for a channel without one. */
export type TemplateText = { readonly subject: string | null; readonly body: string }
export type Values = Readonly<Partial<Record<Placeholder, string>>>

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g

/**
 * Throws UnknownPlaceholderError for the first value that messages of this code do not have, and InvalidInputError for braces that
 * name nothing: both would otherwise be seen by the recipient first.
 */
export function assertPlaceholders(code: string, text: TemplateText): void {
  for (const path of ['subject', 'body'] as const) {
    const given = text[path] ?? ''
    const [unknown] = findUnknownPlaceholders(code, given)
    if (unknown !== undefined) throw new UnknownPlaceholderError(unknown, path, placeholdersOf(code))
    if (/\{\{\{|\}\}\}/.test(given) || /\{\{|\}\}/.test(given.replaceAll(PLACEHOLDER, '')))
      throw invalid(path, 'placeholder', 'has braces that name nothing: write a value as {{clientName}}')
  }
}

/** What a text names that messages of this code do not have. */
export function findUnknownPlaceholders(code: string, text: string): string[] {
  const known = placeholdersOf(code)
  const named = [...text.matchAll(PLACEHOLDER)].map(([, inner = '']) => inner.trim())
  return [...new Set(named.filter((name) => !known.some((placeholder) => placeholder === name)))].map((name) => name.slice(0, 60))
}

/** Fills a text. A value that this message does not have leaves nothing; a subject stays one line whatever it is filled with. */
export function render({ subject, body }: TemplateText, values: Values): TemplateText {
  return { subject: subject === null ? null : fill(subject, values).replaceAll(/\s+/g, ' ').trim(), body: fill(body, values) }
}

/** Of these values those that messages of this code have, whatever an older text of theirs still names. */
export function valuesOf(code: string, values: Values): Values {
  const known = placeholdersOf(code)
  return Object.fromEntries(Object.entries(values).filter(([name]) => known.some((placeholder) => placeholder === name)))
}

function fill(text: string, values: Values): string {
  const known = new Map<string, string>(Object.entries(values))
  return text.replaceAll(PLACEHOLDER, (_match, inner: string) => known.get(inner.trim()) ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** A filled text as HTML: paragraphs between empty lines. Whatever names and texts hold, it is shown and never obeyed. */
export function toHtml(text: string): string {
  return text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${escapeHtml(paragraph.trim()).replaceAll('\n', '<br>')}</p>`)
    .join('\n')
}
