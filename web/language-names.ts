/** Languages by their own names, whatever the reader's is. */
export const LANGUAGE_NAMES: Readonly<Record<string, string>> = { 'es-MX': 'Español (México)', en: 'English' }
