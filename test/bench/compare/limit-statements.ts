import type { OperationName } from './operations.ts'

const VISIT = `json_build_object('id', a.id, 'startsAt', a.starts_at, 'endsAt', a.ends_at, 'status', a.status, 'reason', a.reason, 'version', a.version, 'confirmedAt', a.confirmed_at,
  'checkedInAt', a.checked_in_at, 'startedAt', a.started_at, 'completedAt', a.completed_at, 'checkedOutAt', a.checked_out_at, 'cancelledAt', a.cancelled_at, 'noShowAt', a.no_show_at,
  'cancelReason', a.cancel_reason,
  'patient', json_build_object('id', p.id, 'name', p.name, 'recordNumber', p.record_number, 'speciesCode', p.species_code, 'alerts', p.alerts,
    'client', json_build_object('id', c.id, 'name', c.name, 'phone', c.phone)),
  'type', json_build_object('id', t.id, 'name', t.name, 'colour', t.colour), 'staff', json_build_object('id', s.id, 'name', s.name), 'room', json_build_object('id', r.id, 'name', r.name))`
const VISIT_JOINS = `JOIN patient p ON p.organisation_id = a.organisation_id AND p.id = a.patient_id JOIN client c ON c.organisation_id = p.organisation_id AND c.id = p.client_id
  JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id JOIN staff_profile s ON s.organisation_id = a.organisation_id AND s.id = a.staff_id
  LEFT JOIN room r ON r.clinic_id = a.clinic_id AND r.id = a.room_id`

type Statement = { readonly text: string; readonly values: readonly string[] }

/** One statement per operation that answers its JSON as text; `values` names what it takes out of the request. */
export const LIMIT_STATEMENTS: Readonly<Record<OperationName, Statement>> = {
  day: {
    values: ['organisation', 'clinic', 'date'],
    text: `SELECT json_build_object(
      'staff', (SELECT coalesce(json_agg(json_build_object('staff', json_build_object('id', s.id, 'name', s.name, 'position', s.position, 'colour', s.colour),
        'startMinute', w.start_minute, 'endMinute', w.end_minute)), '[]') FROM bench.day_shifts($1::uuid, $2::uuid, $3::date) w JOIN staff_profile s ON s.organisation_id = w.organisation_id AND s.id = w.staff_id),
      'rooms', (SELECT coalesce(json_agg(json_build_object('id', r.id, 'name', r.name, 'kind', r.kind) ORDER BY r.position, r.name, r.id), '[]') FROM room r
        WHERE r.organisation_id = $1::uuid AND r.clinic_id = $2::uuid AND r.archived_at IS NULL),
      'appointments', (SELECT coalesce(json_agg(${VISIT} ORDER BY a.starts_at, a.id), '[]') FROM bench.day_visits($1::uuid, $2::uuid, $3::date) a ${VISIT_JOINS}))::text AS json`,
  },
  patient: {
    values: ['organisation', 'clinic', 'id'],
    text: `SELECT json_build_object('id', p.id, 'name', p.name, 'recordNumber', p.record_number, 'alerts', p.alerts, 'allergies', p.allergies, 'diedOn', p.died_on, 'sex', p.sex,
      'isNeutered', p.is_neutered, 'bornOn', p.born_on, 'microchip', p.microchip, 'colour', p.colour, 'weightKg', p.weight_kg,
      'species', json_build_object('code', sp.code, 'name', sp.name_es), 'breed', json_build_object('code', br.code, 'name', br.name_es),
      'homeClinic', json_build_object('id', h.id, 'name', h.name), 'client', json_build_object('id', c.id, 'name', c.name, 'phone', c.phone, 'email', c.email, 'address', c.address),
      'appointments', (SELECT coalesce(json_agg(json_build_object('id', a.id, 'startsAt', a.starts_at, 'status', a.status, 'reason', a.reason,
          'type', json_build_object('id', t.id, 'name', t.name), 'staff', json_build_object('id', s.id, 'name', s.name)) ORDER BY a.starts_at DESC, a.id DESC), '[]')
        FROM (SELECT * FROM appointment a WHERE a.organisation_id = $1::uuid AND a.clinic_id = $2::uuid AND a.patient_id = p.id ORDER BY a.starts_at DESC, a.id DESC LIMIT 20) a
        JOIN appointment_type t ON t.organisation_id = a.organisation_id AND t.id = a.type_id JOIN staff_profile s ON s.organisation_id = a.organisation_id AND s.id = a.staff_id),
      'notes', (SELECT coalesce(json_agg(json_build_object('id', n.id, 'kind', n.kind, 'title', n.title, 'body', n.body, 'status', n.status, 'version', n.version, 'writtenAt', n.written_at,
          'signedAt', n.signed_at, 'author', json_build_object('id', s.id, 'name', s.name)) ORDER BY n.written_at DESC, n.id DESC), '[]')
        FROM (SELECT * FROM clinical_note n WHERE n.organisation_id = $1::uuid AND n.patient_id = p.id AND n.amends_id IS NULL ORDER BY n.written_at DESC, n.id DESC LIMIT 20) n
        JOIN staff_profile s ON s.organisation_id = n.organisation_id AND s.id = n.author_id),
      'invoices', (SELECT coalesce(json_agg(json_build_object('id', i.id, 'number', i.number, 'kind', i.kind, 'businessDate', i.business_date,
          'total', json_build_object('minorUnits', i.total_minor, 'currency', i.currency),
          'balance', json_build_object('minorUnits', i.total_minor - i.paid_minor - i.credited_minor, 'currency', i.currency),
          'lines', (SELECT json_agg(json_build_object('id', l.id, 'description', l.description, 'quantity', l.quantity, 'total', json_build_object('minorUnits', l.total_minor, 'currency', i.currency))
            ORDER BY l.position) FROM invoice_line l WHERE l.clinic_id = i.clinic_id AND l.invoice_id = i.id))), '[]')
        FROM (SELECT * FROM invoice i WHERE i.organisation_id = $1::uuid AND i.clinic_id = $2::uuid AND i.patient_id = p.id
          ORDER BY i.business_date DESC, i.posted_at DESC, i.id DESC LIMIT 10) i))::text AS json
      FROM patient p JOIN client c ON c.organisation_id = p.organisation_id AND c.id = p.client_id JOIN species sp ON sp.code = p.species_code LEFT JOIN breed br ON br.code = p.breed_code
      JOIN clinic h ON h.organisation_id = p.organisation_id AND h.id = p.home_clinic_id WHERE p.organisation_id = $1::uuid AND p.id = $3::uuid`,
  },
  search: {
    values: ['organisation', 'query', 'first'],
    text: `SELECT coalesce(json_agg(json_build_object('id', p.id, 'recordNumber', p.record_number, 'name', p.name, 'speciesCode', p.species_code, 'alerts', p.alerts, 'allergies', p.allergies,
      'diedOn', p.died_on, 'species', json_build_object('code', sp.code, 'name', sp.name_es), 'breed', json_build_object('code', br.code, 'name', br.name_es),
      'client', json_build_object('id', c.id, 'name', c.name, 'phone', c.phone)) ORDER BY p.ordinality), '[]')::text AS json
      FROM bench.find_patients($1::uuid, $2, $3::int) WITH ORDINALITY AS p
      JOIN client c ON c.organisation_id = p.organisation_id AND c.id = p.client_id JOIN species sp ON sp.code = p.species_code LEFT JOIN breed br ON br.code = p.breed_code`,
  },
  summary: { values: ['organisation', 'clinic', 'date', 'compare'], text: 'SELECT bench.summary($1::uuid, $2::uuid, $3::date, $4::date)::text AS json' },
  book: {
    values: ['organisation', 'clinic', 'patient', 'type', 'staff', 'room', 'startsAt', 'reason'],
    text: `SELECT ${VISIT}::text AS json FROM bench.book_visit($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::uuid, $6::uuid, $7::timestamptz, $8) a ${VISIT_JOINS}`,
  },
  status: {
    values: ['organisation', 'clinic', 'id', 'version', 'status'],
    text: `SELECT ${VISIT}::text AS json FROM bench.step_visit($1::uuid, $2::uuid, $3::uuid, $4::int, $5) a ${VISIT_JOINS}`,
  },
  stock: {
    values: ['organisation', 'clinic', 'product', 'quantity'],
    text: `SELECT json_build_object('id', m.id, 'kind', m.kind, 'quantity', m.quantity, 'occurredAt', m.occurred_at, 'product', json_build_object('id', p.id, 'name', p.name))::text AS json
      FROM bench.receive($1::uuid, $2::uuid, $3::uuid, $4::numeric) m JOIN product p ON p.organisation_id = m.organisation_id AND p.id = m.product_id`,
  },
}
