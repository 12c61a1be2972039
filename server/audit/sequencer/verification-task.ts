import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ClientBase } from 'pg'
import { z } from 'zod'
import type { Task } from './sequencer.ts'

const DRAIN_MS = 3_000
const PROGRAM = fileURLToPath(new URL('../../../verifier/verify-database.ts', import.meta.url))

/** What the verifier prints with --json: lines of progress, and its report last. */
const lineSchema = z.union([
  z.object({ progress: z.object({ checked: z.number(), total: z.number() }) }),
  z.object({ report: z.object({ ok: z.boolean(), findings: z.array(z.looseObject({ code: z.string() })) }) }),
])
type Report = Extract<z.infer<typeof lineSchema>, { report: unknown }>['report']

type Running = { readonly child: ChildProcess; readonly ids: readonly string[]; checked: number; total: number; report: Report | null; isOver: boolean }

/**
 * Takes up the verifications that people asked for, all that wait together in one run of the verifier: a program of its own, in a process
 * of its own, with the anchors of this host as old checkpoints.
 */
export function createVerificationTask(url: string, anchorFile: string): Task {
  let running: Running | null = null
  let isFirst = true
  return {
    name: 'verification',
    everyMs: 1_000,
    run: async ({ client, log }) => {
      // One that a former leader left behind will never end.
      if (isFirst) await client.query("UPDATE audit.verification SET state = 'broken', finished_at = statement_timestamp() WHERE state = 'running'")
      isFirst = false
      if (running) {
        await report(client, running)
        if (!running.isOver) return false
        if (running.report?.ok !== true) log.error({ findings: running.report?.findings.length ?? null }, 'a verification of the trail did not pass')
        running = null
      }
      const ids = await takeWaiting(client)
      if (ids.length > 0) running = start(url, anchorFile, ids)
      return false
    },
  }
}

async function takeWaiting(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    "UPDATE audit.verification SET state = 'running', started_at = statement_timestamp() WHERE state = 'waiting' RETURNING id",
  )
  return rows.map(({ id }) => id)
}

function start(url: string, anchorFile: string, ids: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, '--json', '--anchor-file', anchorFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The address holds a password, which a process's arguments would show to everybody on the machine.
    env: { ...process.env, CHIRON_VERIFY_DATABASE: url },
  })
  const running: Running = { child, ids, checked: 0, total: 0, report: null, isOver: false }
  createInterface({ input: child.stdout }).on('line', (line) => {
    const parsed = lineSchema.safeParse(parseJson(line))
    if (!parsed.success) return
    if ('report' in parsed.data) running.report = parsed.data.report
    else Object.assign(running, parsed.data.progress)
  })
  const end = () => {
    running.isOver = true
  }
  // 'close' comes after the last line was read; 'exit' may come before, and is enough when the pipe stays open somewhere.
  child.once('close', end).once('error', end)
  child.once('exit', () => setTimeout(end, DRAIN_MS).unref())
  return running
}

async function report(client: ClientBase, { ids, checked, total, report: result, isOver }: Running): Promise<void> {
  const state = !isOver ? 'running' : result === null ? 'broken' : result.ok ? 'passed' : 'failed'
  await client.query(
    `UPDATE audit.verification SET state = $2, checked = $3, total = $4, result = $5, finished_at = CASE WHEN $6 THEN statement_timestamp() END WHERE id = ANY ($1::uuid[])`,
    [ids, state, checked, total, result === null ? null : JSON.stringify(result), isOver],
  )
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
