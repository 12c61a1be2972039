/** The headers of a fetch Response that Node should send on; lengths are Node's business. */
export function responseHeaders(response: Response): Record<string, string> {
  const headers: Record<string, string> = {}
  response.headers.forEach((value, name) => {
    if (name !== 'content-length' && name !== 'transfer-encoding') headers[name] = value
  })
  return headers
}
