import { type Config, loadConfig, readDatabaseChoice } from '../config.ts'
import { startEmbedded } from '../database/embedded.ts'
import { StartupError } from '../startup-error.ts'
import type { Output } from './progress.ts'

export type CommandContext = {
  env: NodeJS.ProcessEnv
  root: string
  output: Output
  /** Where questions are answered and shown; default: this process's own terminal. */
  terminal?: NodeJS.ReadableStream & { isTTY?: boolean }
  screen?: NodeJS.WritableStream
}

/**
 * Runs `work` with the configuration and a database that answers: the configured one, or the embedded one, which is started
 * when it does not run and then stopped again.
 */
export async function withDatabaseAccess<T>({ env, root, output }: CommandContext, work: (config: Config) => Promise<T>): Promise<T> {
  const choice = readDatabaseChoice(env, root)
  if (!choice.isEmbedded) return work(loadConfig(env, { root }))
  const embedded = await startEmbedded({ dataDir: choice.dataDir, notify: (line) => output.line(`    ${line}`) })
  try {
    return await work(loadConfig(env, { root, embedded }))
  } finally {
    await embedded.stop()
  }
}

/** The admin's address. Throws StartupError when it is not configured. */
export function requireAdminUrl(config: Config): string {
  if (config.database.adminUrl !== null) return config.database.adminUrl
  throw new StartupError('DATABASE_ADMIN_URL is not set: migrations need a login that may create roles and tables.')
}
