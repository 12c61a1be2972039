const NODES_OWN = new Set(['connection', 'content-length', 'transfer-encoding'])

/** The headers of a fetch Response that Node should send on; lengths and connections are Node's business. */
export function responseHeaders(response: Response): Record<string, string> {
  const headers: Record<string, string> = {}
  response.headers.forEach((value, spelt) => {
    // Yoga's own Response keeps names as they were written.
    const name = spelt.toLowerCase()
    // Yoga says that a stream is encoded by `none`, which is no encoding.
    if (!NODES_OWN.has(name) && !(name === 'content-encoding' && value === 'none')) headers[name] = value
  })
  return headers
}
