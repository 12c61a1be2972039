import type { FieldCipher } from '../../modules/kernel/field-cipher.ts'
import { newId } from '../../modules/kernel/ids.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import { resealCredentials } from '../../modules/staff/index.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { queryInScope } from '../scoped-query.ts'
import { transact } from '../transact.ts'
import { loadJobActor } from './job-actor.ts'
import type { JobHandlers } from './runner.ts'

export type RotationPorts = { readonly database: Database; readonly clock: Clock; readonly fields: FieldCipher }

const QUEUE = 'field-rotation'
const HOUR_SECONDS = 3_600
// One clinic stands for its organisation: encrypted fields belong to organisations.
const ORGANISATIONS = `SELECT DISTINCT ON (organisation_id) organisation_id AS "organisationId", clinic_id AS "clinicId" FROM list_tenants() ORDER BY organisation_id, clinic_id`
const STALE = "SELECT 1 FROM staff_credential WHERE organisation_id = $1 AND NOT starts_with(number_sealed, $2 || '.') LIMIT 1"

/** Seals encrypted fields anew after a new master key was put in front, so that the older one can go. */
export function rotationJobs(ports: RotationPorts): JobHandlers {
  return { [QUEUE]: { run: ({ signal }) => rotateFields(ports, signal), everySeconds: HOUR_SECONDS } }
}

/** Goes through every organisation, some rows to a transaction, until nothing is left or somebody stops it. */
export async function rotateFields({ database, clock, fields }: RotationPorts, signal: AbortSignal): Promise<void> {
  const { rows: tenants } = await database.pool.query<{ organisationId: string; clinicId: string }>(ORGANISATIONS)
  const failures: unknown[] = []
  for (const tenant of tenants) {
    const actor = await loadJobActor(database, tenant, QUEUE)
    // Asked first, so that an organisation without any gets no entry every hour.
    const stale = async () =>
      actor !== null &&
      !signal.aborted &&
      (await queryInScope(database.pool, scopeOf(actor), { name: 'find_stale_fields', text: STALE, values: [actor.organisationId, fields.keyName] })).rows
        .length > 0
    while (actor !== null && (await stale())) {
      const operation = {
        requestId: newId(),
        actor,
        origin: 'job' as const,
        name: QUEUE,
        address: null,
        userAgent: null,
        documentHash: null,
        action: 'update' as const,
      }
      try {
        await transact({ database, scope: scopeOf(actor), operation, clock }, (tx) => resealCredentials(tx, actor, fields))
      } catch (error) {
        // What one organisation cannot do must not keep the others from it; it is tried again in an hour.
        failures.push(error)
        break
      }
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `the fields of ${failures.length} organisations could not be sealed anew`)
}
