import { Readable } from 'node:stream'

/**
 * A Node stream over a response's body, which may be Node's web stream or the stand-in that Yoga brings: `Readable.fromWeb` takes the former
 * alone. Destroying it cancels the body at once, also while it waits for the next chunk.
 */
export function readableOf(body: NonNullable<Response['body']>): Readable {
  const reader = body.getReader()
  return new Readable({
    read() {
      reader.read().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
    destroy(error, done) {
      // Not waited for: a source that does not want to end must not hold the connection.
      void reader.cancel().catch(() => {})
      done(error)
    },
  })
}
