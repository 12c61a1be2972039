import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { defineCommand } from 'citty'
import type { ClientBase } from 'pg'
import {
  findInstallation,
  findNewestLog,
  findSpine,
  type ProofBundle,
  proveEntries,
  proveGrowth,
  proveHeads,
  verifierKeyOf,
} from '../../modules/compliance/proofs.ts'
import type { AuditReader } from '../../modules/kernel/db.ts'
import { isUuid, NIL_ID } from '../../modules/kernel/ids.ts'
import { exportLog } from '../audit/log-export/export-log.ts'
import { startEpoch } from '../audit/sequencer/epoch.ts'
import { dropMonth } from '../audit/sequencer/months.ts'
import { bindSigner, loadSigningSeed } from '../audit/sequencer/signing-key.ts'
import type { Config } from '../config.ts'
import { withClient } from '../database/connection.ts'
import { StartupError } from '../startup-error.ts'
import { type CommandContext, withDatabaseAccess } from './database-access.ts'
import { findEntriesAbout } from './find-entries-about.ts'
import type { Parts } from './parts.ts'

/** `chiron audit …`: what an operator or an inspector does with the log. */
export function createAuditCommand(context: CommandContext, loadParts: () => Promise<Parts>) {
  const { output, root } = context
  return defineCommand({
    meta: { name: 'audit', description: 'Check, prove and export the audit trail' },
    subCommands: {
      checkpoint: defineCommand({
        meta: { description: 'Print the verifier key and the newest checkpoint: keep both where nobody here can change them' },
        run: () =>
          withLog(context, async (db) => {
            const installation = await findInstallation(db)
            const spine = await findSpine(db, installation)
            if (!spine) throw new StartupError('There is no checkpoint yet: start Chiron once.')
            output.line(`${verifierKeyOf(installation)}\n\n${spine.note}`.trimEnd())
          }),
      }),
      verify: defineCommand({
        meta: { description: 'Check the whole trail against its signatures, its anchors and old checkpoints; code 1 when it was tampered with' },
        args: {
          folder: { type: 'positional', required: false, description: 'An export; default: the database' },
          key: { type: 'string', description: "Verifier key of the spine, or a file that holds it; default: the database's own, which proves less" },
          checkpoint: { type: 'string', description: 'File with old checkpoints; may be given several times' },
          witness: { type: 'string', description: 'Verifier key of a witness; may be given several times' },
          database: { type: 'string', description: 'Another login that may read schema audit, as a PostgreSQL address' },
          lang: { type: 'string', description: 'es or en' },
          json: { type: 'boolean', default: false, description: 'Print the report as JSON' },
          partial: { type: 'boolean', default: false, description: 'An export of chosen clinics or months is expected: what it leaves out is no failure' },
        },
        run: ({ rawArgs }) => verify(context, rawArgs),
      }),
      export: defineCommand({
        meta: { description: 'Write the log as a folder that proves itself without this installation' },
        args: {
          out: { type: 'string', required: true, description: 'A folder that is empty or does not exist' },
          month: { type: 'string', description: 'One month alone, as in 2026-11' },
          clinic: { type: 'string', description: 'One clinic alone, by its id' },
        },
        run: ({ args }) =>
          withSequencerClient(context, async (client) => {
            const month = args.month === undefined ? null : parseMonth(args.month)
            const { entries, logs, files } = await exportLog(client, { dir: resolve(root, args.out), month, clinicId: parseId('--clinic', args.clinic) })
            output.line(`Wrote ${entries} entries of ${logs} logs in ${files} files to ${args.out}: its README.md says how to check them.`)
          }),
      }),
      prove: defineCommand({
        meta: { description: 'Write proofs that entries are in the log, for chiron-verify.mjs proof' },
        args: {
          out: { type: 'string', required: true, description: 'File to write' },
          entry: { type: 'string', description: 'One entry' },
          record: { type: 'string', description: 'Everything that names this record' },
          patient: { type: 'string', description: 'Everything about this patient' },
          user: { type: 'string', description: 'Everything this person did' },
          month: { type: 'string', description: "A clinic's month: its head, with --clinic" },
          clinic: { type: 'string', description: 'Clinic of the month' },
          since: { type: 'string', description: 'File with an old checkpoint: prove that the log has only grown since' },
        },
        run: ({ args }) =>
          withLog(context, async (db) => {
            const bundle = await prove(db, args, root)
            await writeFile(resolve(root, args.out), `${JSON.stringify(bundle)}\n`)
            output.line(`Wrote ${bundle.entries?.length ?? 0} entries to ${args.out}. Check: node chiron-verify.mjs proof ${args.out} --key <verifier key>`)
          }),
      }),
      erase: defineCommand({
        meta: { description: 'Destroy the images and keys of a client, a patient or a member of the staff; proofs stay as they are' },
        args: {
          subject: { type: 'string', required: true, description: 'Id of the client, patient, user or staff member' },
          reason: { type: 'string', required: true, description: 'Why; kept in the trail' },
        },
        run: async ({ args }) => {
          const { createApp, eraseSubject } = await loadParts()
          await withDatabaseAccess(context, async (config) => {
            await using app = await createApp(config)
            const { images, entries } = await eraseSubject(app, { subjectId: args.subject, reason: args.reason })
            output.line(`Erased ${images} images, and the personal texts of ${entries} entries.`)
          })
        },
      }),
      'drop-month': defineCommand({
        meta: { description: 'Delete the entries of a closed month under a retention policy; its root stays in the log' },
        args: {
          month: { type: 'positional', required: true, description: 'As in 2019-03' },
          policy: { type: 'string', required: true, description: 'The rule that allows it; kept in the log' },
        },
        run: ({ args }) =>
          withSigner(context, async (client, signer) => {
            const { size } = await dropMonth(client, signer, parseMonth(args.month), args.policy)
            output.line(`Dropped ${args.month}; the spine says so at size ${size}.`)
          }),
      }),
      epoch: defineCommand({
        meta: { description: 'After a dump and restore: say in the log that transactions are counted anew' },
        args: { cites: { type: 'string', required: true, description: 'File with the newest checkpoint that is known from outside' } },
        run: async ({ args }) => {
          const cites = await readFile(resolve(root, args.cites), 'utf8')
          await withSigner(context, async (client, signer) => {
            const { size } = await startEpoch(client, signer, cites)
            output.line(`A new epoch has begun; the spine has size ${size}.`)
          })
        },
      }),
    },
  })
}

function withSequencerClient<T>(context: CommandContext, work: (client: ClientBase, config: Config) => Promise<T>): Promise<T> {
  return withDatabaseAccess(context, (config) => {
    const { sequencerUrl } = config.database
    if (sequencerUrl === null) throw new StartupError('DATABASE_SEQUENCER_URL is not set: the log is read and written by its own login.')
    return withClient(sequencerUrl, (client) => work(client, config), 'DATABASE_SEQUENCER_URL')
  })
}

function withSigner(context: CommandContext, work: (client: ClientBase, signer: Awaited<ReturnType<typeof bindSigner>>) => Promise<void>): Promise<void> {
  return withSequencerClient(context, async (client, { audit }) => work(client, await bindSigner(client, await loadSigningSeed(audit.signingKeyFile))))
}

/** Reads the whole log; what an operator reads at the console is not an operation of a clinic. */
function withLog<T>(context: CommandContext, work: (db: AuditReader) => Promise<T>): Promise<T> {
  return withSequencerClient(context, async (client) => {
    // Years of a busy person may take long, and nobody else waits for it.
    await client.query('SET statement_timeout = 0')
    return work({
      query: async <Row extends object>({ text, values }: { text: string; values: readonly unknown[] }) => (await client.query<Row>(text, [...values])).rows,
      reads: () => {},
      aggregates: () => {},
    })
  })
}

type ProveArgs = { entry?: string; record?: string; patient?: string; user?: string; month?: string; clinic?: string; since?: string }

async function prove(db: AuditReader, { entry, record, patient, user, month, clinic, since }: ProveArgs, root: string): Promise<ProofBundle> {
  if (since !== undefined) {
    const bundle = await proveGrowth(db, await readFile(resolve(root, since), 'utf8'))
    if (!bundle) throw new StartupError('The checkpoint is of another installation, or beyond the log, which then was cut: run npm run chiron -- audit verify.')
    return bundle
  }
  if (month !== undefined) return proveMonth(db, parseMonth(month), parseId('--clinic', clinic) ?? NIL_ID)
  const ids = await findEntriesAbout(db, {
    entry: parseId('--entry', entry),
    record: parseId('--record', record),
    subject: parseId('--patient', patient),
    user: parseId('--user', user),
  })
  if (ids.length === 0) throw new StartupError('No entry is about this: give one of --entry, --record, --patient, --user, --month, --since.')
  return (await proveEntries(db, ids, null)).bundle
}

async function proveMonth(db: AuditReader, month: string, clinicId: string): Promise<ProofBundle> {
  const installation = await findInstallation(db)
  const log = await findNewestLog(db, installation, clinicId, month)
  const spine = await findSpine(db, installation)
  if (!log || !spine) throw new StartupError(`There is no published log of ${month} for this clinic.`)
  const heads = await proveHeads(db, spine, [log])
  return { v: 1, spine: { checkpoint: spine.note }, logs: heads.map((head) => ({ origin: log.origin, checkpoint: log.note, head })) }
}

const FLAGS_WITH_VALUE = ['--key', '--checkpoint', '--witness', '--database', '--lang']

/** Runs the verifier, which shares nothing with this program, in a process of its own. */
async function verify(context: CommandContext, rawArgs: string[]): Promise<void> {
  const isOffline = rawArgs.some((arg, index) => !arg.startsWith('-') && !FLAGS_WITH_VALUE.includes(rawArgs[index - 1] ?? ''))
  const program = join(context.root, 'verifier', isOffline ? 'chiron-verify.mjs' : 'verify-database.ts')
  const isNamed = isOffline || rawArgs.some((arg) => arg.startsWith('--database'))
  const run = async (env: NodeJS.ProcessEnv, more: string[]) => {
    const child = spawn(process.execPath, [program, ...rawArgs, ...more], { stdio: 'inherit', env, cwd: context.root })
    const [code] = await once(child, 'exit')
    if (code === 1) throw new StartupError('The trail was tampered with: the report above names the first bad entry.')
    if (code === 3) throw new StartupError('What is there is good, but it is only a part of the trail: give --partial when that is what you expect.')
    if (code !== 0) throw new StartupError('The verifier could not run: its message is above.')
  }
  if (isNamed) return run(context.env, [])
  return withDatabaseAccess(context, ({ database, audit }) => {
    if (database.sequencerUrl === null) throw new StartupError('DATABASE_SEQUENCER_URL is not set: give another login with --database.')
    // The address holds a password, which a process's arguments would show to everybody on the machine.
    return run({ ...context.env, CHIRON_VERIFY_DATABASE: database.sequencerUrl }, ['--anchor-file', audit.anchorFile])
  })
}

function parseMonth(text: string): string {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text
  throw new StartupError(`A month is written as 2026-11, not "${text}".`)
}

function parseId(name: string, text: string | undefined): string | null {
  if (text === undefined || isUuid(text)) return text ?? null
  throw new StartupError(`${name} takes an id (a UUID), not "${text}".`)
}
