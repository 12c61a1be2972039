/** Texts whose label is remembered, and labels in all: the code has some two hundred, and a figure per text would never end. */
const KEPT_TEXTS = 2_000
const KEPT_LABELS = 300
const OTHER = 'other'

const CONTROL = /^\s*(begin|start transaction|commit|rollback|savepoint|release|set|listen|unlisten|notify|show)\b/i
const VERB = /\b(select|insert|update|delete|merge|call)\b/i
const TABLE = /\b(?:from|into|update|merge)\s+(?:only\s+)?((?:"?\w+"?\.)?"?\w+"?)/i
/** What names every statement of the ORM alike, by the order in which it met them. */
const NUMBERED = /^p\d+$/

/** Names statements for the figures: by the name that the code gave, else by verb and first table. Never more than a few hundred. */
export class StatementLabels {
  readonly #ofText = new Map<string, string>()
  readonly #labels = new Set<string>()

  of(name: string | undefined, text: string): string {
    if (name !== undefined && name !== '' && !NUMBERED.test(name)) return this.#bounded(name)
    const known = this.#ofText.get(text)
    if (known !== undefined) return known
    // BEGIN carries a tenant's ids, so its text is another one for each of them.
    const control = CONTROL.exec(text)?.[1]
    if (control !== undefined) return control.toLowerCase()
    const label = this.#bounded(describe(text))
    if (this.#ofText.size < KEPT_TEXTS) this.#ofText.set(text, label)
    return label
  }

  #bounded(label: string): string {
    if (this.#labels.has(label)) return label
    if (this.#labels.size >= KEPT_LABELS) return OTHER
    this.#labels.add(label)
    return label
  }
}

function describe(text: string): string {
  const verb = VERB.exec(text)?.[1]?.toLowerCase()
  if (verb === undefined) return OTHER
  const table = TABLE.exec(text)?.[1]
    ?.replaceAll('"', '')
    .replace(/^public\./, '')
  return table === undefined ? verb : `${verb} ${table}`
}
