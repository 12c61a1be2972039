import type { AuditConfig, Config, LogLevel } from '../../config.ts'

/** What the sequencer's process is told: its login, where its key is, and where checkpoints go. */
export type SequencerSettings = {
  readonly kind: 'sequencer'
  /** With the login chiron_sequencer. */
  readonly url: string
  readonly audit: AuditConfig
  /** Keys for images, the newest first. */
  readonly masterKeys: readonly Uint8Array[]
  readonly logLevel: LogLevel
}

/** The settings of this configuration; null when it has no login for the sequencer. */
export function settingsOf({ database, audit, logLevel }: Config, masterKeys: readonly Uint8Array[]): SequencerSettings | null {
  const { sequencerUrl } = database
  return sequencerUrl === null ? null : { kind: 'sequencer', url: sequencerUrl, audit, masterKeys, logLevel }
}

/** Tells the parent's message from any other. */
export function isSettings(message: unknown): message is SequencerSettings {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'sequencer'
}
