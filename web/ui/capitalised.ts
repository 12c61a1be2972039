/** Spanish dates begin in lower case; as a heading of their own they begin with a capital. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
