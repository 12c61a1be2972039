import { newId } from '../../modules/kernel/ids.ts'
import { withClient } from '../../server/database/connection.ts'
import { demoAdminUrl } from './fixture.ts'

type Closure = { kind: 'time_off'; staff: string } | { kind: 'maintenance'; room: string } | { kind: 'closure' }

/** Closes a time of the demo's first clinic as an approval would: straight in the database, because the schedule's own pages only read it. */
export async function closeTime(closure: Closure, startsAt: string, endsAt: string, title: string | null = null): Promise<void> {
  await withClient(demoAdminUrl(), async (admin) => {
    const named = closure.kind === 'time_off' ? closure.staff : closure.kind === 'maintenance' ? closure.room : null
    const { rows } = await admin.query<{ organisation: string; clinic: string; staff: string | null; room: string | null }>(
      `SELECT c.organisation_id AS organisation, c.id AS clinic, (SELECT id FROM staff_profile s WHERE s.organisation_id = c.organisation_id AND s.name = $1) AS staff,
        (SELECT id FROM room r WHERE r.clinic_id = c.id AND r.name = $1) AS room FROM clinic c WHERE c.name = 'Clínica Veterinaria Centro'`,
      [named],
    )
    const [place] = rows
    if (!place) throw new Error('the demo has no first clinic')
    const [staffId, roomId] = [closure.kind === 'time_off' ? place.staff : null, closure.kind === 'maintenance' ? place.room : null]
    if (named !== null && staffId === null && roomId === null) throw new Error(`the demo has no ${named}`)
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query(
      'INSERT INTO resource_block (id, organisation_id, clinic_id, resource_id, staff_id, room_id, kind, title, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [newId(), place.organisation, place.clinic, staffId ?? roomId ?? place.clinic, staffId, roomId, closure.kind, title, startsAt, endsAt],
    )
    await admin.query('COMMIT')
  })
}

/** Adds an X-ray machine to the demo's first clinic, and a type of visit that needs it, in a surgery, by a veterinarian. */
export async function addTypeWithNeeds(name: string, machine: string): Promise<void> {
  await withClient(demoAdminUrl(), async (admin) => {
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query(
      `INSERT INTO equipment (id, organisation_id, clinic_id, name, kind, updated_at)
        SELECT $1, c.organisation_id, c.id, $2, 'xray', now() FROM clinic c WHERE c.name = 'Clínica Veterinaria Centro'`,
      [newId(), machine],
    )
    await admin.query(
      `INSERT INTO appointment_type (id, organisation_id, code, name, duration_minutes, colour, positions, room_kinds, equipment_kinds, updated_at)
        SELECT $1, c.organisation_id, 'radiografia', $2, 20, '#364fc7', '{veterinarian}', '{surgery}', '{xray}', now() FROM clinic c
        WHERE c.name = 'Clínica Veterinaria Centro'`,
      [newId(), name],
    )
    await admin.query('COMMIT')
  })
}
