import { type GraphQLObjectType, getNamedType, isAbstractType, isEnumType, isInputObjectType, isLeafType, isObjectType } from 'graphql'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEFAULT_ROLES, ROLE_CODES, type RoleCode } from '../modules/access/index.ts'
import { type AccessRow, anyone } from '../modules/kernel/access-rules.ts'
import { LOCALES } from '../modules/kernel/actor.ts'
import { composeSchema, type GuardedSchema } from '../schema/index.ts'
import { type ArgumentOf, callOf, selectAll } from './documents.ts'
import { buildFullOrganisation, type Fixtures, type FullOrganisation } from './full-world.ts'
import { type CallOptions, type Harness, startHarness } from './harness.ts'
import { argumentsFor, ID_OF, selectEdges } from './root-fields.ts'

let harness: Harness
let guarded: GuardedSchema
let alfa: FullOrganisation
let zeta: FullOrganisation
let admin: pg.Client
const tokens = new Map<string, string>()

beforeAll(async () => {
  harness = await startHarness()
  guarded = await composeSchema()
  alfa = await buildFullOrganisation(harness, 'alfa')
  zeta = await buildFullOrganisation(harness, 'zeta')
  admin = new pg.Client(harness.database.adminUrl)
  await admin.connect()
  for (const organisation of [alfa, zeta])
    for (const clinic of [0, 1])
      for (const role of ROLE_CODES) tokens.set(organisation.email(role, clinic), (await harness.signIn(organisation.email(role, clinic))).token)
}, 120_000)
afterAll(async () => {
  await admin.end()
  await harness[Symbol.asyncDispose]()
})

const as = (role: RoleCode | null, options: CallOptions = {}): CallOptions => ({
  token: role === null ? null : (tokens.get(alfa.email(role)) ?? null),
  ...options,
})
/** Changes rights behind the triggers' back, of which the one that tells the application of it is made up for. */
const plant = (statement: string) =>
  admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${statement}; UPDATE access_version SET version = version + 1; COMMIT`)
const fixturesOf = (organisation: FullOrganisation, clinic: number): Fixtures => {
  const fixtures = organisation.fixtures[clinic]
  if (!fixtures) throw new Error(`no clinic ${clinic}`)
  return fixtures
}

/** Decides from the roles that an organisation starts with, not through the code under test. */
function mayReach(role: RoleCode | null, { allow }: AccessRow): boolean {
  if (allow.kind === 'public') return true
  const held = DEFAULT_ROLES.find(({ code }) => code === role)
  if (!held) return false
  if (allow.kind === 'signed-in') return true
  const isHeld = held.allow.includes(allow.permission) || (allow.ownSuffices && held.own?.includes(allow.permission) === true)
  return isHeld && (!allow.clinicalOnly || held.isClinical)
}

/** Mutations that ask for a record of one clinic alone. */
const CLINIC_MUTATIONS = [
  'approveTimeOff',
  'bookAppointment',
  'acceptOffer',
  'bookSeries',
  'confirmBookingRequest',
  'declineBookingRequest',
  'cancelSeries',
  'declineOffer',
  'cancelAppointment',
  'correctAttendance',
  'approveSwap',
  'askSwap',
  'changeShift',
  'creditInvoice',
  'postInvoice',
  'recordMovement',
  'recordPayment',
  'refuseTimeOff',
  'removeClosure',
  'removeMaintenance',
  'refuseSwap',
  'releaseShift',
  'removeShift',
  'rescheduleAppointment',
  'setAppointmentStatus',
  'setLotStatus',
  'updateRoom',
  'updateShiftTemplate',
  'withdrawSwap',
  'withdrawFromWaitlist',
]
const missingFixtures = new Set<string>()

const ROOTS = ['Query', 'Mutation', 'Subscription'] as const

/** For every field of every object type that a query can reach: the shortest document that selects it, by preference through fields that `isOpen`. */
function documentsFor(root: (typeof ROOTS)[number], fixtures: Fixtures, isOpen: (coordinate: string) => boolean): Map<string, string> {
  const argumentOf = argumentsFor(fixtures, { missing: missingFixtures })
  const documents = new Map<string, string>()
  const keyword = root.toLowerCase()
  type Step = { type: string; wrap: (inner: string) => string; open: boolean }
  let level: Step[] = [{ type: root, wrap: (inner) => `${keyword} Reach { ${inner} }`, open: true }]
  const seen = new Set<string>()
  for (let depth = 0; depth < 7 && level.length > 0; depth += 1) {
    const next: Step[] = []
    for (const { type: name, wrap } of level.toSorted((a, b) => Number(b.open) - Number(a.open))) {
      const type = guarded.lean.getType(name)
      if (!isObjectType(type) || seen.has(name)) continue
      seen.add(name)
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${name}.${field.name}`
        const call = root === 'Mutation' && name === root ? mutationCall(coordinate) : callOf(coordinate, field, argumentOf)
        if (call === null) continue
        const inner = getNamedType(field.type)
        documents.set(coordinate, wrap(isLeafType(inner) ? call : `${call} { __typename }`))
        const members = isAbstractType(inner) ? guarded.lean.getPossibleTypes(inner) : [inner]
        for (const member of members) {
          const narrow = (text: string) => (isAbstractType(inner) ? `... on ${member.name} { ${text} }` : text)
          next.push({ type: member.name, wrap: (text) => wrap(`${call} { ${narrow(text)} }`), open: isOpen(coordinate) })
        }
      }
    }
    level = next
  }
  return documents
}

/** A mutation with inputs of the right shape and no meaning: a denied caller must not get far enough to notice. */
function mutationCall(coordinate: string): string | null {
  const field = guarded.lean.getMutationType()?.getFields()[coordinate.split('.')[1] ?? '']
  return field ? callOf(coordinate, field, (_coordinate, { type }) => inputLiteral(getNamedType(type).name)) : null
}

const SCALARS: Readonly<Record<string, string>> = {
  String: '"soap"',
  Int: '1',
  Boolean: 'false',
  UUID: '"01900000-0000-7000-8000-00000000dead"',
  LocalDate: '"2025-12-20"',
  LocalTime: '"09:00"',
  DateTime: '"2025-12-20T16:00:00Z"',
  Decimal: '"1"',
  MinorUnits: '"1"',
}
function inputLiteral(typeName: string, only?: Readonly<Record<string, string>>): string {
  const type = guarded.lean.getType(typeName)
  if (isEnumType(type)) return type.getValues()[0]?.name ?? ''
  if (!isInputObjectType(type)) return SCALARS[typeName] ?? '""'
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const isList = String(field.type).includes('[')
    const literal = only?.[field.name] ?? (String(field.type).endsWith('!') ? inputLiteral(getNamedType(field.type).name, only) : null)
    return literal === null ? [] : [`${field.name}: ${isList ? `[${literal}]` : literal}`]
  })
  return `{ ${fields.join(', ')} }`
}

describe('the table', () => {
  const render = (rows: ReadonlyMap<string, AccessRow>) =>
    [...rows]
      .filter(([, row]) => row.allow.kind !== 'public' || row.audit.action !== 'none')
      .map(([coordinate, row]) => `${coordinate}: ${ruleOf(row)} → ${ROLE_CODES.filter((role) => mayReach(role, row)).join(' ')}\n`)
      .sort()
      .join('')
  const ruleOf = ({ allow, audit }: AccessRow) =>
    `${allow.kind === 'permission' ? `${allow.permission}${allow.clinicalOnly ? ' (clinical)' : ''}${allow.ownSuffices ? ' (own)' : ''}` : allow.kind}, ${audit.action} ${audit.types.join(' ')} [${audit.class}]`

  it('of who may reach what is the one that was reviewed', async () => {
    await expect(render(guarded.access.coordinates)).toMatchFileSnapshot('./access-matrix.snapshot.txt')
  })

  it('planted: an opened row is a difference', () => {
    const opened = new Map(guarded.access.coordinates)
    const row = opened.get('Query.roles')
    if (!row) throw new Error('no such row')
    opened.set('Query.roles', { ...row, allow: anyone })
    expect(render(opened)).not.toBe(render(guarded.access.coordinates))
  })
})

/** Coordinates that somebody without the right reached: the field answered, or was refused for another reason. */
async function findReachable(role: RoleCode | null, options: CallOptions = as(role)): Promise<{ holes: string[]; checked: number }> {
  const rows = guarded.access.coordinates
  const isOpen = (coordinate: string) => mayReach(role, rows.get(coordinate) ?? { allow: anyone, audit: { action: 'none', types: [], class: 'operational' } })
  const holes: string[] = []
  let checked = 0
  for (const root of ROOTS) {
    const documents = documentsFor(root, fixturesOf(alfa, 0), isOpen)
    for (const [coordinate, document] of documents) {
      if (isOpen(coordinate) || (root === 'Mutation' && !coordinate.startsWith('Mutation.'))) continue
      checked += 1
      // A stream that opened would be no answer in JSON, and so a hole.
      const answer = await harness.call(document, {}, { ...options, headers: { ...options.headers, accept: 'application/json' } })
      const codes = (answer.body.errors ?? []).map(({ extensions }) => extensions.code)
      const wanted = role === null ? 'UNAUTHENTICATED' : 'FORBIDDEN'
      if (!codes.includes(wanted) || codes.some((code) => code !== wanted)) holes.push(`${role ?? 'nobody'}: ${coordinate} (${codes.join(' ') || 'no error'})`)
    }
  }
  return { holes, checked }
}

describe('denials, over HTTP', () => {
  it('reach every coordinate of the schema by a document', () => {
    const all = new Set(ROOTS.flatMap((root) => [...documentsFor(root, fixturesOf(alfa, 0), () => true).keys()]))
    expect([...missingFixtures]).toEqual([])
    expect([...guarded.access.coordinates.keys()].filter((coordinate) => !all.has(coordinate))).toEqual([])
  })

  it.each([null, ...ROLE_CODES])(
    'meet %s at each coordinate that is not theirs',
    async (role) => {
      const { holes, checked } = await findReachable(role)
      expect(holes).toEqual([])
      if (role !== 'owner') expect(checked).toBeGreaterThan(5)
    },
    60_000,
  )

  it('planted: a right that a role should not have is found', async () => {
    await plant("INSERT INTO role_grant (organisation_id, role_id, permission) SELECT organisation_id, id, 'role:administer' FROM role WHERE code = 'groomer'")
    const { holes } = await findReachable('groomer')
    await plant("DELETE FROM role_grant g USING role r WHERE r.id = g.role_id AND r.code = 'groomer' AND permission = 'role:administer'")
    expect(holes).toEqual(
      expect.arrayContaining([
        expect.stringContaining('groomer: Query.roles'),
        expect.stringContaining('groomer: User.email'),
        expect.stringContaining('groomer: Mutation.assignRole'),
      ]),
    )
  })
})

describe('what is theirs', () => {
  const widest = (fixtures: Fixtures, isOpen: (coordinate: string) => boolean) =>
    [...documentsFor('Query', fixtures, isOpen)].filter(([coordinate]) => coordinate.startsWith('Query.') && isOpen(coordinate))

  it.each(ROLE_CODES)('%s reads, with one record of each kind', async (role) => {
    const isOpen = (coordinate: string) => {
      const row = guarded.access.coordinates.get(coordinate)
      return row !== undefined && mayReach(role, row)
    }
    for (const [coordinate, document] of widest(fixturesOf(alfa, 0), isOpen)) {
      const { body } = await harness.call(document, {}, as(role))
      expect([coordinate, body.errors ?? null]).toEqual([coordinate, null])
      expect([coordinate, Object.values(body.data ?? {})[0] ?? null]).not.toEqual([coordinate, null])
    }
  })
})

type Owner = { table: string; organisation: string; clinic: string | null }

/** Whose every record is: the id of each row of a table that belongs to an organisation, and to a clinic where rows do. */
async function ownersOfIds(): Promise<Map<string, Owner>> {
  const { rows: tables } = await admin.query<{ name: string; has_clinic: boolean }>(`
    SELECT c.relname::text AS name, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'clinic_id') AND c.relname NOT IN ('role_assignment', 'clinical_note') AS has_clinic
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('organisation', 'clinic', 'session')
      AND (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname IN ('id', 'organisation_id')) = 2`)
  const owners = new Map<string, Owner>()
  for (const { name, has_clinic } of tables) {
    const { rows } = await admin.query<{ id: string; organisation: string; clinic: string | null }>(
      `SELECT id, organisation_id AS organisation, ${has_clinic ? 'clinic_id' : 'NULL::uuid'} AS clinic FROM ${name}`,
    )
    for (const { id, ...owner } of rows) owners.set(id, { table: name, ...owner })
  }
  return owners
}

/** Ids and names in a text that the caller of `organisation`, at `clinic`, must never see. */
function findLeaks(text: string, owners: ReadonlyMap<string, Owner>, organisation: FullOrganisation, clinicId: string): string[] {
  const leaks: string[] = []
  for (const id of new Set(text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [])) {
    const owner = owners.get(id)
    if (!owner) continue
    if (owner.organisation !== organisation.id) leaks.push(`${owner.table} ${id} of another organisation`)
    else if (owner.clinic !== null && owner.clinic !== clinicId) leaks.push(`${owner.table} ${id} of another clinic`)
  }
  for (const slug of ['alfa', 'zeta']) if (slug !== organisation.slug && text.includes(slug)) leaks.push(`a name of ${slug}`)
  return leaks
}

/** Every row of a clinic in the tables that belong to clinics one by one, as a text per table. */
async function rowsOf(client: pg.Client, clinicId: string): Promise<Map<string, string>> {
  const { rows: tables } = await client.query<{ name: string }>(`
    SELECT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id' AND a.attnotnull
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('clinical_note', 'clinical_note_version') ORDER BY 1`)
  const found = new Map<string, string>()
  for (const { name } of tables) {
    const { rows } = await client.query<{ rows: string | null }>(
      `SELECT string_agg(t::text, E'\\n' ORDER BY t::text) AS rows FROM ${name} t WHERE clinic_id = $1`,
      [clinicId],
    )
    found.set(name, rows[0]?.rows ?? '')
  }
  return found
}

describe('records of others', () => {
  let owners: Map<string, Owner>
  beforeAll(async () => {
    owners = await ownersOfIds()
  })

  // What a clinic's open page shows, it shows to everybody: test/api/online-booking.test.ts says what that is.
  const OPEN_TO_ALL = new Set(['publicBookingPage', 'publicSlots'])
  const roots = () => Object.values(guarded.lean.getQueryType()?.getFields() ?? {}).filter(({ name }) => !OPEN_TO_ALL.has(name))
  /** Each root field with the ids of `fixtures` and what lies one step behind it. */
  const shallow = (fixtures: Fixtures): string[] => documents(fixtures, (type, argumentOf) => [selectAll(guarded.lean, type, 1, argumentOf)])
  /** The same with two steps, along one edge of the graph at a time. */
  const deep = (fixtures: Fixtures): string[] => documents(fixtures, (type, argumentOf) => [...selectEdges(guarded.lean, type, argumentOf).values()])
  function documents(fixtures: Fixtures, selections: (type: GraphQLObjectType, argumentOf: ArgumentOf) => string[]): string[] {
    return roots().flatMap((field) => {
      const call = callOf(`Query.${field.name}`, field, argumentsFor(fixtures, { isNarrow: true }))
      const type = getNamedType(field.type)
      return call === null || !isObjectType(type) ? [] : selections(type, argumentsFor(fixtures)).map((selection) => `query Wide { ${call} ${selection} }`)
    })
  }

  it.each([
    ['another organisation', () => fixturesOf(zeta, 0)],
    ['another clinic of the organisation', () => fixturesOf(alfa, 1)],
    ['their own clinic', () => fixturesOf(alfa, 0)],
  ])(
    'are never shown to any role that asks for ids of %s',
    async (_whose, fixtures) => {
      const place = alfa.clinics[0]?.id ?? ''
      let shown = 0
      for (const role of [null, ...ROLE_CODES]) {
        // Scoping does not depend on the role, so the ones that see most go deeper.
        for (const document of [...shallow(fixtures()), ...(role === 'owner' || role === 'veterinarian' ? deep(fixtures()) : [])]) {
          const { body } = await harness.call(document, {}, as(role))
          const text = JSON.stringify(body.data ?? null)
          expect([role, findLeaks(text, owners, alfa, place), document]).toEqual([role, [], document])
          shown += text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)?.length ?? 0
        }
      }
      expect(shown).toBeGreaterThan(100)
    },
    60_000,
  )

  it('would be shown: the same documents answer the owner in full', async () => {
    for (const document of [...shallow(fixturesOf(alfa, 0)), ...deep(fixturesOf(alfa, 0))]) {
      const { body } = await harness.call(document, {}, as('owner'))
      expect([document, body.errors ?? null]).toEqual([document, null])
    }
  })

  it('by another organisation answer as if they did not exist', async () => {
    for (const [coordinate, kind] of Object.entries(ID_OF).filter(([name]) => name.split('.').length === 2)) {
      const ask = async (id: string | undefined) => (await harness.call(`query One { ${coordinate.split('.')[1]}(id: "${id}") { id } }`, {}, as('owner'))).body
      expect([coordinate, await ask(fixturesOf(zeta, 0).ids[kind])]).toEqual([coordinate, await ask('01900000-0000-7000-8000-00000000dead')])
      expect([coordinate, Object.values((await ask(fixturesOf(alfa, 0).ids[kind])).data)[0]]).toEqual([coordinate, { id: fixturesOf(alfa, 0).ids[kind] }])
    }
  })

  it('of a sister clinic are charts only while the organisation shares them', async () => {
    const { ids } = fixturesOf(alfa, 1)
    const ask = async () =>
      (
        await harness.call(
          `query Sister { patient(id: "${ids.Patient}") { id notes { edges { node { id } } } } note(id: "${ids.ClinicalNote}") { id } }`,
          {},
          as('veterinarian'),
        )
      ).body.data
    const share = (value: boolean) => plant(`UPDATE organisation SET share_patients = ${value} WHERE id = '${alfa.id}'`)
    expect(await ask()).toMatchObject({ patient: { id: ids.Patient }, note: { id: ids.ClinicalNote } })
    await share(false)
    const hidden = await ask()
    await share(true)
    expect(hidden).toEqual({ patient: null, note: null })
  })

  /** Calls every mutation as the owner at alfa's first clinic, with the ids of `fixtures` wherever an id is asked for; what each answered. */
  async function mutateWithIdsOf({ ids, date }: Fixtures, clinicId: string): Promise<Map<string, { kind: string; text: string }>> {
    const named = Object.fromEntries(Object.entries(ID_ARGUMENTS).flatMap(([name, kind]) => (ids[kind] ? [[name, `"${ids[kind]}"`]] : [])))
    const answers = new Map<string, { kind: string; text: string }>()
    for (const field of Object.values(guarded.lean.getMutationType()?.getFields() ?? {})) {
      if (/^(sign(In|Out|OutEverywhere)|refreshSession|setUpInstallation|setLocale)$/.test(field.name)) continue
      const [argument] = field.args
      if (!argument) continue
      const only: Record<string, string> = {
        ...named,
        id: `"${ids[idFor(field.name, ids)]}"`,
        startsAt: `"${date}T17:00:00Z"`,
        clinicId: `"${clinicId}"`,
        locale: `"${LOCALES[0]}"`,
        kind: '"soap"',
        primaryClinicId: `"${clinicId}"`,
        ...MEANINGFUL[field.name],
      }
      const { body } = await harness.call(
        `mutation Foreign { ${field.name}(input: ${inputLiteral(getNamedType(argument.type).name, only)}) { __typename ... on InvalidInput { issues { path rule message } } } }`,
        {},
        as('owner'),
      )
      answers.set(field.name, { kind: body.data?.[field.name]?.__typename ?? body.errors?.[0]?.extensions.code, text: JSON.stringify(body) })
    }
    return answers
  }
  const ID_ARGUMENTS: Readonly<Record<string, string>> = {
    patientId: 'Patient',
    clientId: 'Client',
    staffId: 'StaffProfile',
    typeId: 'AppointmentType',
    roomId: 'Room',
    productId: 'Product',
    serviceId: 'Service',
    invoiceId: 'Invoice',
    noteId: 'ClinicalNote',
    userId: 'User',
    templateId: 'NoteTemplate',
    clinicianId: 'StaffProfile',
    appointmentId: 'Appointment',
    lotId: 'Lot',
    shiftId: 'RosterShift',
  }
  /** What an input needs beyond ids to be refused for nothing but them. */
  const MEANINGFUL: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    addStaffTask: { process: '"onboarding"' },
    recordAdverseAction: { kind: '"warning"' },
    recordAttendance: { clockedInAt: '"2025-12-20T14:00:00Z"' },
    recordCredential: { type: '"licence"' },
    updateCredential: { type: '"licence"' },
    verifyCredential: { method: '"registry"', outcome: '"confirmed"' },
    raiseWellbeingFlag: { kind: '"stress"' },
    changeShift: { position: '"veterinarian"' },
    bookSeries: { rule: '"FREQ=WEEKLY;COUNT=2"', startsOn: '"2099-01-05"' },
    createAppointmentType: { durationMinutes: '20' },
    createPatient: { speciesCode: '"canine"' },
    createCoverageNeed: { position: '"veterinarian"', start: '"18:00"', end: '"19:00"', validUntil: 'null' },
    createShiftTemplate: { position: '"veterinarian"', start: '"09:00"', end: '"17:00"', breakStart: 'null', breakEnd: 'null' },
    createStaffProfile: { position: '"veterinarian"' },
    // A line is of a service or of a product.
    postInvoice: { productId: 'null', lotId: 'null' },
    receiveStock: { lotNumber: '"planted"', expiresOn: '"2099-01-01"' },
    recordMovement: { kind: '"use"', quantity: '"-1"' },
    recordPayment: { method: '"cash"', clientId: 'null' },
    setAppointmentStatus: { status: 'CONFIRMED' },
    setLotStatus: { status: '"recalled"' },
    setWeeklySchedule: { start: '"09:00"', end: '"10:00"' },
    updateRoom: { kind: '"surgery"' },
    updateShiftTemplate: { position: '"veterinarian"', start: '"09:00"', end: '"17:00"', breakStart: 'null', breakEnd: 'null', colour: '"#228be6"' },
  }
  /** The fixture that a mutation's `id` names. */
  function idFor(mutation: string, ids: Fixtures['ids']): string {
    if (/Note|Addendum/.test(mutation)) return 'Draft'
    if (/Appointment$|AppointmentStatus/.test(mutation)) return 'Appointment'
    if (mutation === 'setLotStatus') return 'Lot'
    if (/TimeOff$/.test(mutation)) return 'TimeOffRequest'
    if (/^remove(Closure|Maintenance)$/.test(mutation)) return mutation === 'removeClosure' ? 'ClinicClosure' : 'MaintenanceWindow'
    if (/Shift$|Swap$/.test(mutation)) return mutation.endsWith('Swap') ? 'ShiftSwap' : 'RosterShift'
    if (/Offer$|Waitlist$/.test(mutation)) return /Offer$/.test(mutation) ? 'WaitlistOffer' : 'WaitlistEntry'
    if (/Series$/.test(mutation)) return 'AppointmentSeries'
    if (/BookingRequest$/.test(mutation)) return 'BookingRequest'
    return Object.keys(ids).find((kind) => mutation.endsWith(kind)) ?? (/UserActive/.test(mutation) ? 'User' : 'Appointment')
  }

  it('cannot be changed: no mutation with their ids leaves a trace in another organisation', async () => {
    const trace = async () =>
      (await admin.query<{ count: number }>("SELECT count(*)::int FROM audit.entry WHERE source = 'row' AND organisation_id = $1", [zeta.id])).rows[0]?.count
    const before = await trace()
    const answers = await mutateWithIdsOf(fixturesOf(zeta, 0), zeta.clinics[0]?.id ?? '')
    for (const [mutation, { text }] of answers) expect([mutation, text.includes('zeta')]).toEqual([mutation, false])
    const kinds = [...answers.values()].map(({ kind }) => kind)
    expect(kinds.length).toBeGreaterThan(25)
    expect(kinds.filter((kind) => kind === 'NotFound').length).toBeGreaterThan(15)
    expect(kinds.filter((kind) => kind === 'INTERNAL')).toEqual([])
    expect(await trace()).toBe(before)
  })

  it('cannot be changed: no mutation with ids of a sister clinic touches what belongs to that clinic alone', async () => {
    const sister = alfa.clinics[1]?.id ?? ''
    const before = await rowsOf(admin, sister)
    const answers = await mutateWithIdsOf(fixturesOf(alfa, 1), sister)
    const kinds = [...answers.values()].map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'INTERNAL')).toEqual([])
    // What one organisation holds together (clients, charts, staff, prices) may be changed from any of its clinics.
    for (const mutation of CLINIC_MUTATIONS) expect([mutation, answers.get(mutation)?.kind]).toEqual([mutation, 'NotFound'])
    expect(await rowsOf(admin, sister)).toEqual(before)
  })

  it('planted: a row of a sister clinic that changed is found', async () => {
    const sister = alfa.clinics[1]?.id ?? ''
    const before = await rowsOf(admin, sister)
    await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
    await admin.query("UPDATE room SET name = name || ' planted' WHERE clinic_id = $1", [sister])
    const after = await rowsOf(admin, sister)
    await admin.query('ROLLBACK')
    expect([...after].filter(([table, rows]) => rows !== before.get(table)).map(([table]) => table)).toEqual(['room'])
  })

  it('stay apart when two clinics, and two organisations, ask for the same ids in the same tick', async () => {
    const all = [fixturesOf(alfa, 0), fixturesOf(alfa, 1), fixturesOf(zeta, 0)]
    const document = `query Same { ${all.map(({ ids }, index) => `p${index}: patient(id: "${ids.Patient}") { id name } a${index}: appointment(id: "${ids.Appointment}") { id } i${index}: invoice(id: "${ids.Invoice}") { id }`).join(' ')} }`
    const callers = [
      { organisation: alfa, clinic: 0, sees: ['p0', 'p1', 'a0', 'i0'] },
      { organisation: alfa, clinic: 1, sees: ['p0', 'p1', 'a1', 'i1'] },
      { organisation: zeta, clinic: 0, sees: ['p2', 'a2', 'i2'] },
    ]
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        [...callers, ...callers].map(async ({ organisation, clinic, sees }) => {
          const { body } = await harness.call(
            document,
            {},
            { token: tokens.get(organisation.email('owner')) ?? null, clinicId: organisation.clinics[clinic]?.id ?? '' },
          )
          expect(
            Object.keys(body.data)
              .filter((key) => body.data[key] !== null)
              .toSorted(),
          ).toEqual(sees.toSorted())
        }),
      )
    }
  })

  it('planted: a leak in a response is found', () => {
    const place = alfa.clinics[0]?.id ?? ''
    const foreign = fixturesOf(zeta, 0).ids.Patient ?? ''
    const sister = fixturesOf(alfa, 1).ids.Appointment ?? ''
    expect(findLeaks(`{"id":"${foreign}"}`, owners, alfa, place)).toEqual([`patient ${foreign} of another organisation`])
    expect(findLeaks(`{"id":"${sister}"}`, owners, alfa, place)).toEqual([`appointment ${sister} of another clinic`])
    expect(findLeaks('{"name":"zeta-1 Milo"}', owners, alfa, place)).toEqual(['a name of zeta'])
  })
})

describe('a clinic where no role is held', () => {
  it.each(ROLE_CODES.filter((role) => role !== 'owner' && role !== 'super_admin'))('is out of reach for %s', async (role) => {
    for (const clinicId of [alfa.clinics[1]?.id, zeta.clinics[0]?.id]) {
      const { status, body } = await harness.call('{ viewer { isClinical } }', {}, as(role, { clinicId: clinicId ?? '' }))
      expect([status, body.errors?.[0]?.extensions.code]).toEqual([403, 'CLINIC_OUT_OF_REACH'])
    }
  })

  it('is out of reach even for owners when it belongs to another organisation', async () => {
    for (const role of ['owner', 'super_admin'] as const)
      expect((await harness.call('{ viewer { isClinical } }', {}, as(role, { clinicId: zeta.clinics[0]?.id ?? '' }))).status).toBe(403)
  })
})
