import type { ClientBase, QueryResultRow } from 'pg'
import { type LogQuery, logHashes } from '../../../modules/compliance/log-hashes.ts'
import { SPINE, spineOrigin } from '../../../modules/compliance/log-names.ts'
import type { SubtreeHashes } from '../../../modules/kernel/merkle.ts'
import { formatVerifierKey, parseCheckpoint, parseNote, parseVerifierKey, verifierOf } from '../../../modules/kernel/signed-note.ts'
import type { AnchorMail, WitnessAddress } from '../../config-audit.ts'
import type { Published } from '../sequencer/publish.ts'
import type { Task, TaskContext } from '../sequencer/sequencer.ts'
import type { Anchor } from './anchor.ts'
import { AnchorRunner } from './anchor-runner.ts'
import { FileAnchor } from './file-anchor.ts'
import { MailAnchor } from './mail-anchor.ts'
import { WitnessAnchor } from './witness-anchor.ts'

export type AnchorSettings = Readonly<{ file: string; witnesses: readonly WitnessAddress[]; mail: AnchorMail | null }>

const SPINE_KEY = { log: SPINE, shard: '0001-01-01' } as const

function spineHashes(client: ClientBase): SubtreeHashes {
  const query: LogQuery = async <Row extends object>({ values, ...statement }: Parameters<LogQuery>[0]) => {
    const { rows } = await client.query<Row & QueryResultRow>({ ...statement, values: [...values] })
    return rows
  }
  return logHashes(query, SPINE_KEY)
}

/**
 * The leader's task that carries checkpoints of the spine out of the database. Asks every second; each anchor has its own
 * rhythm. What it finds wrong is in audit.anchor and in the log.
 */
export function createAnchorTask(settings: AnchorSettings): Task {
  let runner: AnchorRunner | null = null
  return {
    name: 'anchors',
    everyMs: 1_000,
    run: async (context) => {
      const published = context.published ?? (await findPublished(context.client))
      if (!published) return false
      runner ??= createRunner(settings, context)
      await runner.run(context.client, published, new Date())
      return false
    },
  }
}

function createRunner({ file, witnesses, mail }: AnchorSettings, { signer, log }: TaskContext): AnchorRunner {
  const vkey = formatVerifierKey(verifierOf(signer.signerOf(spineOrigin(signer.installationId))))
  const anchors: Anchor[] = [
    new FileAnchor(file, spineHashes),
    ...witnesses.map(({ url, key }) => new WitnessAnchor({ url, verifier: parseVerifierKey(key), hashes: spineHashes })),
    ...(mail ? [new MailAnchor({ ...mail, vkey })] : []),
  ]
  const alarm = (anchor: Pick<Anchor, 'kind' | 'target'> | null, error: string) =>
    log.error({ anchor: anchor?.kind, target: anchor?.kind === 'mail' ? undefined : anchor?.target, error }, 'the newest checkpoint is not anchored')
  return new AnchorRunner(anchors, { alarm })
}

/** The newest checkpoint of the spine that is stored; null before the first. */
async function findPublished(client: ClientBase): Promise<Published | null> {
  const { rows } = await client.query<{ note: string }>('SELECT note FROM audit.checkpoint WHERE log = $1 ORDER BY size DESC LIMIT 1', [SPINE])
  const [row] = rows
  if (!row) return null
  const { size, root } = parseCheckpoint(parseNote(row.note).text)
  return { size, root, note: row.note }
}
