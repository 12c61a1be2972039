import { EMPTY_ROOT, isConsistent } from '../../modules/kernel/merkle.ts'
import { type Checkpoint, cosign, isSignedBy, NoteError, parseCheckpoint, parseNote, type SignedNote, type Verifier } from '../../modules/kernel/signed-note.ts'
import { originHash, parseRequest, RequestError, SIZE_TYPE, type WitnessRequest } from './protocol.ts'
import type { Cosigned, WitnessFolder } from './witness-folder.ts'

export type WitnessAnswer = { readonly status: 200 | 400 | 403 | 404 | 409 | 422; readonly body: string; readonly type?: string }

export type WitnessOptions = {
  /** What it remembers and signs with. */
  folder: Pick<WitnessFolder, 'find' | 'save' | 'keepEvidence' | 'signer'>
  /** Whose checkpoints it cosigns. A log's origin is the name of its key. */
  logs: readonly Verifier[]
  now?: () => Date
  /** Told when a log contradicts what it said before. */
  alarm: (line: string) => void
}

const refuse = (status: 400 | 403 | 404 | 422, why: string): WitnessAnswer => ({ status, body: `${why}\n` })

/**
 * C2SP tlog-witness: cosigns a checkpoint only when it continues the last one that it cosigned for the same log, and only
 * once that is on disk. Requests are taken one at a time: checking and remembering must not be interleaved.
 */
export class Witness {
  readonly #options: Required<WitnessOptions>
  readonly #logs: ReadonlyMap<string, Verifier>
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: WitnessOptions) {
    this.#options = { now: () => new Date(), ...options }
    this.#logs = new Map(options.logs.map((log) => [log.name, log]))
  }

  /** Answers POST add-checkpoint. Rejects when the checkpoint could not be written: nothing is signed then. */
  addCheckpoint(body: string): Promise<WitnessAnswer> {
    const turn = this.#last.then(() => this.#add(body))
    this.#last = turn.catch(() => {})
    return turn
  }

  /** The last cosigned checkpoint of the log whose origin has this SHA-256 in hex; null when there is none. */
  async findCheckpoint(hash: string): Promise<string | null> {
    const log = [...this.#logs.values()].find(({ name }) => originHash(name) === hash)
    return log ? ((await this.#options.folder.find(log))?.note ?? null) : null
  }

  async #add(body: string): Promise<WitnessAnswer> {
    const request = parseOr400(body)
    if ('status' in request) return request
    const { note, checkpoint, old } = request
    const log = this.#logs.get(checkpoint.origin)
    if (!log) return refuse(404, 'this witness does not know the log')
    if (!isSignedBy(note, log)) return refuse(403, "the checkpoint does not carry the log's signature")
    if (old > checkpoint.size) return refuse(400, 'the old size is larger than the checkpoint')
    const known = await this.#options.folder.find(log)
    await this.#accuse(known, request)
    const size = known?.checkpoint.size ?? 0n
    if (old !== size) return { status: 409, body: `${size}\n`, type: SIZE_TYPE }
    if (!isContinuation(known, request)) return refuse(422, 'the checkpoint does not continue the last one that was cosigned')
    return this.#cosign(note, log)
  }

  async #cosign(note: SignedNote, log: Verifier): Promise<WitnessAnswer> {
    const { folder, now } = this.#options
    const line = cosign(note.text, folder.signer, BigInt(Math.floor(now().getTime() / 1000)))
    const own = note.signatures.filter(({ name }) => name === log.name).map((signature) => signature.line)
    await folder.save(log.name, `${note.text}\n${own.join('')}${line}`)
    return { status: 200, body: line }
  }

  /** Keeps both checkpoints when they cannot belong to one history, or when the log has become shorter. */
  async #accuse(known: Cosigned | null, request: ParsedRequest): Promise<void> {
    const kind = known ? contradiction(known.checkpoint, request) : null
    if (!known || kind === null) return
    const { folder, now, alarm } = this.#options
    const path = await folder.keepEvidence(kind, known.note, request.source, now())
    alarm(
      `${kind}: ${known.checkpoint.origin}, cosigned at ${known.checkpoint.size}, offered at ${request.checkpoint.size}; evidence: ${path ?? 'not kept, there is too much'}`,
    )
  }
}

type ParsedRequest = {
  readonly old: bigint
  readonly proof: readonly Buffer[]
  readonly source: string
  readonly note: SignedNote
  readonly checkpoint: Checkpoint
}

function parseOr400(body: string): ParsedRequest | WitnessAnswer {
  try {
    const request: WitnessRequest = parseRequest(body)
    const note = parseNote(request.note)
    return { ...request, source: request.note, note, checkpoint: parseCheckpoint(note.text) }
  } catch (error) {
    if (error instanceof RequestError || error instanceof NoteError) return refuse(400, error.message)
    throw error
  }
}

function isContinuation(known: Cosigned | null, { old, proof, checkpoint: { size, root } }: ParsedRequest): boolean {
  if (size === 0n && !EMPTY_ROOT.equals(root)) return false
  return isConsistent(old, size, known?.checkpoint.root ?? EMPTY_ROOT, root, proof)
}

/** Why the log's owner has something to explain; null for growth and for a client that only has to catch up. */
function contradiction(known: Checkpoint, { old, proof, checkpoint: { size, root } }: ParsedRequest): string | null {
  if (size < known.size) return 'SHRUNK'
  if (size === known.size) return known.root.equals(root) ? null : 'FORKED'
  return old === known.size && !isConsistent(old, size, known.root, root, proof) ? 'UNPROVEN' : null
}
