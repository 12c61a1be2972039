export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * RFC 8785 (JSON Canonicalization Scheme): members sorted by UTF-16 code units, no white space, ECMAScript number and
 * string forms. Members that are undefined are left out. Throws TypeError on numbers that JSON cannot hold and on lone
 * surrogates, which have no UTF-8 form.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('not a JSON number')
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('not well-formed Unicode')
    return JSON.stringify(value)
  }
  if (isArray(value)) {
    // Lists of ids are most of what is written, and the engine writes them in the same form.
    if (value.every((item) => typeof item === 'string' && item.isWellFormed())) return JSON.stringify(value)
    return `[${value.map(canonicalJson).join(',')}]`
  }
  const members = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) => (member === undefined ? [] : [`${canonicalJson(key)}:${canonicalJson(member)}`]))
  return `{${members.join(',')}}`
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
