import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingMessage } from 'node:http'

export const CHANGES = 'subscription Changes($types: [String!]) { changes(types: $types) { type ids isResync } }'

export type StreamEvent = { data?: any; errors?: { message: string; extensions: Record<string, any> }[] }

export type StreamOptions = {
  readonly token?: string
  readonly types?: readonly string[]
  readonly clinicId?: string
  readonly accept?: string
  /** The text of a document instead of CHANGES. */
  readonly document?: string
}

/** A stream of server-sent events as a client reads it. */
export class EventStream {
  readonly response: IncomingMessage
  readonly events: StreamEvent[] = []
  comments = 0
  /** The server has ended the stream, or the connection broke. */
  isOver = false
  isComplete = false
  #rest = ''
  #wake = Promise.withResolvers<void>()

  constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => this.#read(chunk))
    const end = () => {
      this.isOver = true
      this.#wake.resolve()
    }
    response.on('end', end)
    response.on('close', end)
    response.on('error', end)
  }

  /** Sends the subscription as a free document. Resolves with the answer's headers. */
  static open(url: string, { token, types, clinicId, accept = 'text/event-stream', document = CHANGES }: StreamOptions = {}): Promise<EventStream> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(`${url}/graphql`, {
        method: 'POST',
        agent: false,
        headers: {
          accept,
          'content-type': 'application/json',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(clinicId ? { 'x-clinic-id': clinicId } : {}),
        },
      })
      request.once('response', (response) => resolve(new EventStream(response)))
      request.once('error', reject)
      request.end(JSON.stringify({ query: document, variables: { types: types ?? null } }))
    })
  }

  /** As the web client does: by the hash of a registered document. */
  static hashOf(document: string): string {
    return createHash('sha256').update(document).digest('hex')
  }

  #read(chunk: string): void {
    const parts = (this.#rest + chunk).split('\n\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      const lines = part.split('\n')
      if (part.startsWith(':')) this.comments += 1
      if (lines.includes('event: complete')) this.isComplete = true
      const data = lines.find((line) => line.startsWith('data: '))
      if (data !== undefined && lines.includes('event: next')) this.events.push(JSON.parse(data.slice('data: '.length)) as StreamEvent)
    }
    this.#wake.resolve()
  }

  /** Waits until `found` answers something. Throws when the stream is over, or after `ms`, before it does. */
  async until<T>(found: (events: readonly StreamEvent[]) => T | undefined | false | null, ms = 15_000): Promise<T> {
    const deadline = performance.now() + ms
    for (;;) {
      const result = found(this.events)
      if (result) return result
      const left = deadline - performance.now()
      if (this.isOver || left <= 0) throw new Error(`the stream ${this.isOver ? 'is over' : 'is silent'} after ${JSON.stringify(this.events)}`)
      const timer = setTimeout(() => this.#wake.resolve(), left)
      await this.#wake.promise
      clearTimeout(timer)
      this.#wake = Promise.withResolvers<void>()
    }
  }

  /** Waits for the first event, which says to read everything anew. */
  async untilOpen(): Promise<void> {
    await this.until((events) => events.some(({ data }) => data?.changes?.isResync))
  }

  /** Waits for the end. */
  async untilOver(): Promise<void> {
    while (!this.isOver) {
      await this.#wake.promise
      this.#wake = Promise.withResolvers<void>()
    }
  }

  /** Changes that were heard, as `type id`. */
  get heard(): string[] {
    return this.events.flatMap(({ data }) => (data?.changes?.type ? (data.changes.ids ?? ['*']).map((id: string) => `${data.changes.type} ${id}`) : []))
  }

  close(): void {
    this.response.destroy()
  }
}
