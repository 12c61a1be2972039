import type { ClinicActor } from '../kernel/actor.ts'
import type { Tx } from '../kernel/db.ts'
import { ManagerCycleError } from './errors.ts'

/**
 * Throws ManagerCycleError when a person would come to lead, over any number of steps, whoever leads them. Changes of who leads whom take
 * turns in an organisation: two that are sound alone could close a circle together.
 */
export async function assertNoManagerCycle(tx: Tx, { organisationId }: ClinicActor, staffId: string, managerId: string): Promise<void> {
  await tx.query({
    name: 'take_turn_with_managers',
    text: "SELECT pg_advisory_xact_lock(hashtextextended('managers:' || $1, 0))::text AS turn",
    values: [organisationId],
  })
  const [found] = await tx.query<{ is_cycle: boolean }>({
    name: 'find_manager_cycle',
    text: `WITH RECURSIVE line AS (
        SELECT s.id, s.manager_id FROM staff_profile s WHERE s.organisation_id = $1::uuid AND s.id = $3::uuid
        UNION SELECT m.id, m.manager_id FROM line JOIN staff_profile m ON m.organisation_id = $1::uuid AND m.id = line.manager_id)
      SELECT EXISTS (SELECT FROM line WHERE line.id = $2::uuid) AS is_cycle`,
    values: [organisationId, staffId, managerId],
  })
  if (found?.is_cycle) throw new ManagerCycleError(staffId, managerId)
}
