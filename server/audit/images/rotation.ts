import type { ClientBase } from 'pg'
import { NIL_ID } from '../../../modules/kernel/ids.ts'
import { inTransaction } from '../sequencer/transaction.ts'
import type { KeyWrapper } from './key-wrapper.ts'

type ClinicKey = {
  readonly id: string
  readonly organisationId: string
  readonly clinicId: string
  readonly subjectId: string
  readonly masterKey: string
  readonly wrapped: Buffer
}

const CLINIC_KEYS = `SELECT id, organisation_id AS "organisationId", clinic_id AS "clinicId", subject_id AS "subjectId", master_key AS "masterKey", wrapped
  FROM audit.data_key WHERE subject_id = '${NIL_ID}'`

/**
 * One step of a rotation: wraps up to `limit` clinics' keys that an older master key wraps under the newest. Answers how many;
 * after 0 the older master keys may go. Subjects' keys and images stay as they are. The client is signed in as
 * chiron_sequencer. Throws MasterKeyMissingError while a key's own master key is not configured.
 */
export async function rewrapClinicKeys(client: ClientBase, wrapper: KeyWrapper, limit = 100): Promise<number> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<ClinicKey>(`${CLINIC_KEYS} AND master_key <> $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED`, [
      wrapper.name,
      limit,
    ])
    const wrapped: Buffer[] = []
    for (const row of rows) wrapped.push(await wrapper.wrap(await wrapper.unwrap(row.wrapped, row), row))
    if (rows.length > 0)
      await client.query(
        'UPDATE audit.data_key k SET master_key = $1, wrapped = n.wrapped FROM unnest($2::uuid[], $3::bytea[]) AS n(id, wrapped) WHERE k.id = n.id',
        [wrapper.name, rows.map(({ id }) => id), wrapped],
      )
    return rows.length
  })
}

/**
 * Checks at start that one key of each master key opens, before anything is encrypted under a new one by mistake. Throws
 * MasterKeyMissingError (the file was lost or replaced) or KeyDamagedError. The client is signed in as chiron_sequencer.
 */
export async function assertMasterKeys(client: ClientBase, wrapper: KeyWrapper): Promise<void> {
  const { rows } = await client.query<ClinicKey>(
    `SELECT DISTINCT ON (k."masterKey") k.* FROM (${CLINIC_KEYS} AND master_key IS NOT NULL) k ORDER BY k."masterKey", k.id`,
  )
  for (const row of rows) await wrapper.unwrap(row.wrapped, row)
}
