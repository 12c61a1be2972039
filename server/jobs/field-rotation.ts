import type { FieldCipher } from '../../modules/kernel/field-cipher.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import { resealCredentials } from '../../modules/staff/index.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { atEveryOrganisation, commitJob } from './every-clinic.ts'
import type { JobHandlers } from './runner.ts'

export type RotationPorts = { readonly database: Database; readonly clock: Clock; readonly fields: FieldCipher }

const QUEUE = 'field-rotation'
const HOUR_SECONDS = 3_600
const STALE = "SELECT 1 FROM staff_credential WHERE organisation_id = $1 AND NOT starts_with(number_sealed, $2 || '.') LIMIT 1"

/** Seals encrypted fields anew after a new master key was put in front, so that the older one can go. */
export function rotationJobs(ports: RotationPorts): JobHandlers {
  return { [QUEUE]: { run: ({ signal }) => rotateFields(ports, signal), everySeconds: HOUR_SECONDS } }
}

/** Goes through every organisation, some rows to a transaction, until nothing is left or somebody stops it. */
export function rotateFields({ database, clock, fields }: RotationPorts, signal: AbortSignal): Promise<void> {
  return atEveryOrganisation(database, QUEUE, signal, async (actor) => {
    // Asked first, so that an organisation without any gets no entry every hour.
    const isAnyStale = async () =>
      !signal.aborted &&
      (await queryInScope(database.pool, scopeOf(actor), { name: 'find_stale_fields', text: STALE, values: [actor.organisationId, fields.keyName] })).rows
        .length > 0
    while (await isAnyStale()) await commitJob({ database, clock }, actor, (tx) => resealCredentials(tx, actor, fields), { classes: [] })
  })
}
