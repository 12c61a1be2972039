import type { ClientBase } from 'pg'
import type { UserActor } from '../../modules/kernel/actor.ts'
import { newId } from '../../modules/kernel/ids.ts'
import { AccessLog } from '../../server/audit/access-log.ts'
import { buildEntries, type EntryRow } from '../../server/audit/entry.ts'

export const CLINIC = '01900000-0000-7000-8000-00000000c001'
export const ORGANISATION = '01900000-0000-7000-8000-00000000a001'
const PATIENT_FIELDS = [
  'alerts',
  'allergies',
  'bornOn',
  'breedCode',
  'clientId',
  'colour',
  'microchip',
  'name',
  'recordNumber',
  'sex',
  'speciesCode',
  'weightKg',
]

const clinic = {
  id: CLINIC,
  name: 'Bench',
  timeZone: 'America/Mexico_City',
  currency: 'MXN',
  countryCode: 'MX',
  locale: 'es-MX',
  opensMinute: 480,
  closesMinute: 1200,
} as const

const actor: UserActor = {
  kind: 'user',
  userId: '01900000-0000-7000-8000-00000000d001',
  userName: 'Lucía Hernández',
  sessionId: '01900000-0000-7000-8000-00000000d002',
  organisationId: ORGANISATION,
  clinic,
  clinics: [clinic],
  sharePatients: true,
  staffId: '01900000-0000-7000-8000-00000000d003',
  roles: ['receptionist'],
  isClinical: false,
  rights: new Map(),
  rightsEverywhere: new Map(),
  locale: 'es-MX',
}

const HASH = 'a3f5'.repeat(16)
const ACTOR_JSON = JSON.stringify({ kind: 'user', roles: actor.roles, session: actor.sessionId, staff: actor.staffId, user: actor.userId })

const records = Array.from({ length: 5_000 }, () => newId())

/** Rows of one read that named this many patients, as the pipeline builds them for each request. */
export function readEntry(recordCount: number): EntryRow[] {
  const access = new AccessLog()
  const from = Math.floor(Math.random() * (records.length - recordCount))
  access.reads('Patient', records.slice(from, from + recordCount), PATIENT_FIELDS)
  access.classes.add('medical')
  const operation = {
    requestId: newId(),
    actor,
    origin: 'web',
    address: '127.0.0.1',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    name: 'PatientChart',
    documentHash: HASH,
    action: 'read',
  } as const
  return buildEntries({ operation, access, outcome: 'ok' })
}

/** Entries of one transaction: as many as a group commit takes under load. */
const PER_TRANSACTION = 25

/**
 * Inserts this many valid entries (a multiple of 25), in turn for each of the clinics: what reads of one chart leave, without their
 * search rows. Not durable one by one, since making them is not what is measured.
 */
export async function insertValidEntries(admin: ClientBase, count: number, clinics: readonly string[]): Promise<void> {
  const list = `ARRAY[${clinics.map((id) => `'${id}'`).join(', ')}]::uuid[]`
  await admin.query('SET synchronous_commit = off')
  await admin.query(`DO $$ BEGIN
    FOR transaction IN 1 .. ${count / PER_TRANSACTION} LOOP
      INSERT INTO audit.entry (id, organisation_id, clinic_id, body)
        SELECT e.id, '${ORGANISATION}', e.clinic, convert_to('{"action":"read","actor":${ACTOR_JSON},"at":"'
          || to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","clinic":"' || e.clinic || '","entry":"' || e.id
          || '","operation":{"hash":"${HASH}","name":"PatientChart"},"organisation":"${ORGANISATION}","origin":"web","outcome":"ok","reads":[{"fields":${JSON.stringify(PATIENT_FIELDS)},"ids":["'
          || e.record || '"],"type":"Patient"}],"request":"' || e.request || '","source":"api","tx":"' || pg_current_xact_id() || '","v":2}', 'UTF8')
        FROM (SELECT uuidv7() AS id, gen_random_uuid() AS record, uuidv7() AS request, (${list})[1 + n % ${clinics.length}] AS clinic
          FROM generate_series(1, ${PER_TRANSACTION}) n OFFSET 0) e;
      COMMIT;
    END LOOP;
  END $$`)
}
