import type { ClientBase } from 'pg'
import { proveConsistency, type SubtreeHashes } from '../../../modules/kernel/merkle.ts'
import { isSignedBy, keyId, NoteError, parseNote, type Verifier } from '../../../modules/kernel/signed-note.ts'
import { firstLine } from '../../startup-error.ts'
import { ADD_CHECKPOINT, formatRequest } from '../../witness/protocol.ts'
import type { Published } from '../sequencer/publish.ts'
import { type Anchor, AnchorError, type Exclusive } from './anchor.ts'

const EVERY_MS = 30_000
/** Another try follows soon; the sequencer has other work to do meanwhile. */
const TIMEOUT_MS = 2_500
const ANSWER_LIMIT_BYTES = 16 * 1024
const ATTEMPTS = 3

export type WitnessAnchorOptions = {
  url: string
  verifier: Verifier
  /** Hashes of the spine's perfect subtrees, read through the connection given. */
  hashes: (client: ClientBase) => SubtreeHashes
  everyMs?: number
  timeoutMs?: number
}

type Answer = { readonly status: number; readonly text: string }

/** C2SP tlog-witness from the log's side: submits checkpoints of the spine and keeps the cosignatures in audit.cosignature. */
export class WitnessAnchor implements Anchor {
  readonly kind = 'witness'
  readonly target: string
  readonly everyMs: number
  readonly #options: WitnessAnchorOptions
  /** Size that the witness had at the last answer; null until it is known. */
  #known: bigint | null = null

  constructor(options: WitnessAnchorOptions) {
    this.target = options.url
    this.everyMs = options.everyMs ?? EVERY_MS
    this.#options = options
  }

  async anchor(database: Exclusive, published: Published, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS)])
    this.#known ??= await this.#lastCosigned(database, published.size)
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const old = this.#known
      if (old > published.size) throw new AnchorError('AHEAD', `the witness cosigned size ${old}, the log has only ${published.size}`)
      const proof = await database((client) => proveConsistency(old, published.size, this.#options.hashes(client)))
      const answer = await this.#post(formatRequest({ old, proof, note: published.note }), limit)
      if (answer.status === 200) return this.#keep(database, published, answer.text)
      if (answer.status !== 409) throw refusal(answer, old)
      this.#known = parseSize(answer.text)
    }
    throw new AnchorError('REFUSED', 'the witness names another size each time: does another log use it under the same name?')
  }

  async #lastCosigned(database: Exclusive, atMost: bigint): Promise<bigint> {
    const { rows } = await database((client) =>
      client.query<{ size: string }>('SELECT size FROM audit.cosignature WHERE witness = $1 AND size <= $2 ORDER BY size DESC LIMIT 1', [
        this.#options.verifier.name,
        atMost,
      ]),
    )
    return BigInt(rows[0]?.size ?? 0)
  }

  async #keep(database: Exclusive, published: Published, text: string): Promise<void> {
    const line = findCosignature(published.note, text, this.#options.verifier)
    if (line === null) throw new AnchorError('BAD_ANSWER', 'the answer does not carry a cosignature of the configured key')
    this.#known = published.size
    await database((client) =>
      client.query('INSERT INTO audit.cosignature (size, witness, line) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        published.size,
        this.#options.verifier.name,
        line,
      ]),
    )
  }

  async #post(body: string, signal: AbortSignal): Promise<Answer> {
    try {
      const response = await fetch(`${this.#options.url}${ADD_CHECKPOINT}`, {
        method: 'POST',
        body,
        signal,
        redirect: 'error',
        headers: { 'Content-Type': 'text/plain; charset=utf-8' },
      })
      return { status: response.status, text: await readLimited(response) }
    } catch (error) {
      if (error instanceof AnchorError) throw error
      if (signal.aborted) throw new AnchorError('TIMEOUT', 'the witness does not answer in time', { cause: error })
      // fetch says only "fetch failed"; the reason is below.
      throw new AnchorError('UNREACHABLE', firstLine(error instanceof Error && error.cause ? error.cause : error), { cause: error })
    }
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > ANSWER_LIMIT_BYTES) throw new AnchorError('BAD_ANSWER', 'the answer is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseSize(text: string): bigint {
  if (!/^(0|[1-9]\d{0,18})\n$/.test(text)) throw new AnchorError('BAD_ANSWER', 'the witness names no size')
  return BigInt(text.trim())
}

/** The witness's own line, without the cosignatures of others; null when there is none that verifies. */
function findCosignature(note: string, text: string, verifier: Verifier): string | null {
  try {
    const answered = parseNote(`${parseNote(note).text}\n${text}`)
    if (!isSignedBy(answered, verifier)) return null
    const id = keyId(verifier)
    return answered.signatures.find(({ name, bytes }) => name === verifier.name && bytes.subarray(0, 4).equals(id))?.line ?? null
  } catch (error) {
    if (error instanceof NoteError) return null
    throw error
  }
}

function refusal({ status, text }: Answer, old: bigint): AnchorError {
  if (status === 422) return new AnchorError('FORKED', `the witness says that this is not a continuation of what it cosigned at size ${old}`)
  const reason =
    text
      .split('\n')[0]
      ?.slice(0, 200)
      .replaceAll(/\p{Cc}/gu, '') ?? ''
  return new AnchorError('REFUSED', `the witness answers ${status}: ${reason}`)
}
