import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../modules/kernel/ids.ts'
import { addDays, instantAt, localDateOf, weekdayOf } from '../../modules/kernel/time.ts'
import { cancelAppointment } from '../../modules/scheduling/index.ts'
import { withClient } from '../../server/database/connection.ts'
import { type Harness, startHarness } from '../harness.ts'
import { actorOf, type Caller, callers, ERRORS, lastEntry, paramsOf, statementsOf } from '../operations.ts'
import { entriesOf, findDisagreements } from '../trail.ts'
import { buildOrganisation, type WorldOrganisation } from '../world.ts'
import { addInvoice, addPayment, addService } from '../world-billing.ts'
import { addProduct, addStock, clockAt } from '../world-inventory.ts'
import { addClient, addPatient } from '../world-patients.ts'
import { addAppointment, addPractice, type Practice } from '../world-scheduling.ts'

const M = '{ minorUnits currency }'
const LINE = `id position description quantity unitPrice taxRate subtotal ${M} tax ${M} total ${M} creditsLineId service { id } product { id } lot { id number } lots { number } clinician { id }`
const INVOICE = `id number kind businessDate postedAt subtotal ${M} tax ${M} total ${M} paid ${M} credited ${M} balance ${M} lines { ${LINE} }
  payments { id method amount ${M} allocations { amount ${M} invoice { id } } } client { id name } patient { id } appointment { id } credits { id } creditNotes { id number }`
const Q_INVOICE = `query Invoice($id: UUID!) { invoice(id: $id) { ${INVOICE} } }`
const Q_INVOICES = `query Invoices($from: LocalDate, $to: LocalDate, $clientId: UUID, $kind: String, $first: Int, $after: String) {
  invoices(from: $from, to: $to, clientId: $clientId, kind: $kind, first: $first, after: $after) { edges { node { ${INVOICE} } } pageInfo { hasNextPage endCursor } } }`
const Q_SERVICES = 'query Services($all: Boolean) { services(includeArchived: $all) { id code name category unitPrice taxRate isArchived version } }'
const Q_PATIENT = `query PatientInvoices($id: UUID!, $first: Int) { patient(id: $id) { id invoices(first: $first) { edges { node { id number total ${M} } } } } }`
const SERVICE = '... on Service { id code name category unitPrice taxRate isArchived version }'
const M_CREATE_SERVICE = `mutation CreateService($input: CreateServiceInput!) { createService(input: $input) { __typename ${SERVICE} ${ERRORS} } }`
const M_UPDATE_SERVICE = `mutation UpdateService($input: UpdateServiceInput!) { updateService(input: $input) { __typename ${SERVICE} ${ERRORS} } }`
const M_POST = `mutation PostInvoice($input: PostInvoiceInput!) { postInvoice(input: $input) { __typename ... on Invoice { ${INVOICE} }
  ... on InsufficientStock { productId lotId requested available } ${ERRORS} } }`
const M_CREDIT = `mutation CreditInvoice($input: CreditInvoiceInput!) { creditInvoice(input: $input) { __typename ... on Invoice { ${INVOICE} } ${ERRORS} } }`
const M_PAY = `mutation RecordPayment($input: RecordPaymentInput!) { recordPayment(input: $input) { __typename
  ... on Payment { id method amount ${M} receivedAt allocations { amount ${M} invoice { id balance ${M} } } } ... on OverPayment { open ${M} } ${ERRORS} } }`

type Amount = { minorUnits: string; currency: string }
type LineRow = { id: string; creditsLineId: string | null; product: { id: string } | null; lot: { number: string } | null; lots: { number: string }[] }
type InvoiceRow = { id: string; kind: string; businessDate: string; lines: LineRow[]; appointment: { invoices: Edges } }
type Edges = { edges: { node: InvoiceRow }[] }
type PaymentRow = { method: string; amount: Amount; allocations: { amount: Amount; invoice: { id: string } }[] }
type Answer = { __typename: string; number: string }

let harness: Harness
let org: WorldOrganisation
let foreign: WorldOrganisation
let as: ReturnType<typeof callers>
let desk: Caller
let owner: Caller
let practice: Practice
let clientId: string
let visitId: string
const ZONE = 'America/Mexico_City'
const today = () => localDateOf(new Date(), ZONE)
const pesos = (amount: string) => ({ minorUnits: amount, currency: 'MXN' })

// The next day from a date on that is no Sunday: people of the practice work then.
const workday = (date: string): string => (weekdayOf(date) === 7 ? workday(addDays(date, 1)) : date)
const booked = (minute: number, patientId = practice.patientId) =>
  addAppointment(harness.app, actorOf(org), {
    patientId,
    typeId: practice.typeId,
    staffId: practice.staffId,
    startsAt: instantAt(workday(addDays(today(), 1)), 9 * 60 + minute, ZONE).instant,
  })
const post = async (input: object, caller = desk, key?: string) => (await caller(M_POST, { input }, key ? { idempotencyKey: key } : {})).body.data?.postInvoice
const credit = async (input: object, caller = owner) => (await caller(M_CREDIT, { input: { reason: 'Error de captura', ...input } })).body.data.creditInvoice
const pay = async (input: object, caller = desk) => (await caller(M_PAY, { input: { method: 'cash', ...input } })).body.data.recordPayment
const invoice = async (id: string, caller = desk) => (await caller(Q_INVOICE, { id })).body.data.invoice
const product = (overrides: Parameters<typeof addProduct>[2] = {}) => addProduct(harness.app, actorOf(org), overrides)
const stock = (productId: string, quantity: string, lot: { lotNumber?: string; expiresOn?: string } = {}) =>
  addStock(harness.app, actorOf(org), { productId, quantity, ...lot })
const onHand = async (productId: string) => {
  const { body } = await desk('query OnHand($id: UUID!) { product(id: $id) { stock { onHand } lots { number onHand } } }', { id: productId })
  return body.data.product
}

beforeAll(async () => {
  harness = await startHarness()
  org = await buildOrganisation(harness.app, 'alfa')
  foreign = await buildOrganisation(harness.app, 'beta')
  as = callers(harness)
  desk = await as(org, 'receptionist')
  owner = await as(org, 'owner')
  practice = await addPractice(harness.app, actorOf(org))
  clientId = await addClient(harness.app, actorOf(org), { name: 'Rosa Mejía' })
  visitId = await booked(0)
})
afterAll(() => harness[Symbol.asyncDispose]())

describe('the price list', () => {
  const create = async (input: object, caller = owner) =>
    (await caller(M_CREATE_SERVICE, { input: { code: `C-${newId()}`, name: 'Consulta', category: 'checkup', unitPrice: '450', taxRate: '16', ...input } })).body
      .data.createService

  it('takes, changes and archives services', async () => {
    const made = await create({ code: 'CONS' })
    expect(made).toMatchObject({ __typename: 'Service', code: 'CONS', category: 'checkup', unitPrice: '450', taxRate: '16', isArchived: false, version: 1 })
    const update = async (input: object) => (await owner(M_UPDATE_SERVICE, { input: { id: made.id, ...input } })).body.data.updateService
    expect(await update({ version: 1, unitPrice: '500', name: null })).toMatchObject({ unitPrice: '500', name: 'Consulta', version: 2 })
    expect(paramsOf(await update({ version: 1, unitPrice: '600' }))).toEqual({ type: 'Service', current: '2' })
    expect(await update({ version: 2, isArchived: true })).toMatchObject({ isArchived: true })
    const codes = async (all: boolean) => (await desk(Q_SERVICES, { all })).body.data.services.map((service: { code: string }) => service.code)
    expect(await codes(false)).not.toContain('CONS')
    expect(await codes(true)).toContain('CONS')
    expect(await update({ version: 3, isArchived: false })).toMatchObject({ isArchived: false })
  })

  it('refuses a code that is taken, wrong fields, and what is not there', async () => {
    await create({ code: 'DOS' })
    expect((await create({ code: 'DOS' })).__typename).toBe('AlreadyExists')
    const other = await create({})
    const renamed = await owner(M_UPDATE_SERVICE, { input: { id: other.id, version: 1, code: 'DOS' } })
    expect(renamed.body.data.updateService.__typename).toBe('AlreadyExists')
    expect(await create({ category: 'magic' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'category' }] })
    expect(await create({ taxRate: '100.5' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'taxRate' }] })
    expect((await owner(M_UPDATE_SERVICE, { input: { id: newId(), version: 1 } })).body.data.updateService.__typename).toBe('NotFound')
  })
})

describe('an invoice for a visit', () => {
  it('charges owner and patient of the visit, each line at its own rate, and takes the products out of the stock', async () => {
    const checkup = await addService(harness.app, actorOf(org), { name: 'Consulta general', unitPrice: '450' })
    const tablets = await product({ name: 'Amoxicilina', category: 'medicine', unitPrice: '12.345', taxRate: '0' })
    await stock(tablets, '20')
    const posted = await post({
      appointmentId: visitId,
      lines: [
        { serviceId: checkup, quantity: '1' },
        { productId: tablets, quantity: '10' },
      ],
    })
    expect(posted).toMatchObject({
      __typename: 'Invoice',
      kind: 'visit',
      businessDate: today(),
      appointment: { id: visitId },
      patient: { id: practice.patientId },
      credits: null,
      creditNotes: [],
      payments: [],
      subtotal: pesos('57345'),
      tax: pesos('7200'),
      total: pesos('64545'),
      paid: pesos('0'),
      credited: pesos('0'),
      balance: pesos('64545'),
    })
    expect(posted.number).toMatch(/^F-\d{6}$/)
    expect(posted.lines).toMatchObject([
      {
        position: 1,
        description: 'Consulta general',
        quantity: '1',
        unitPrice: '450',
        taxRate: '16',
        subtotal: pesos('45000'),
        tax: pesos('7200'),
        service: { id: checkup },
        product: null,
        clinician: { id: practice.staffId },
      },
      {
        position: 2,
        description: 'Amoxicilina',
        quantity: '10',
        unitPrice: '12.345',
        taxRate: '0',
        subtotal: pesos('12345'),
        tax: pesos('0'),
        total: pesos('12345'),
        product: { id: tablets },
        lot: null,
        lots: [],
      },
    ])
    expect((await onHand(tablets)).stock.onHand).toBe('10')
  })

  it('names the clinician and the price that were given', async () => {
    const service = await addService(harness.app, actorOf(org))
    const posted = await post({
      appointmentId: visitId,
      lines: [{ serviceId: service, quantity: '2', clinicianId: practice.otherStaffId, unitPrice: '0.005' }],
    })
    expect(posted.lines).toMatchObject([{ clinician: { id: practice.otherStaffId }, unitPrice: '0.005', subtotal: pesos('1') }])
  })

  it('is refused for a cancelled visit, a visit out of reach, and another owner', async () => {
    const service = await addService(harness.app, actorOf(org))
    const lines = [{ serviceId: service, quantity: '1' }]
    const cancelled = await booked(60)
    const actor = actorOf(org)
    await harness.app.asSystem(actor, 'cli', 'world', (tx) => cancelAppointment(tx, actor, { id: cancelled, version: 1, reason: 'Lluvia' }))
    expect(await post({ appointmentId: cancelled, lines })).toMatchObject({ __typename: 'WrongState' })
    expect(await post({ appointmentId: newId(), lines })).toMatchObject({ __typename: 'NotFound' })
    const sister = await as(org, 'receptionist', 1)
    expect(await post({ appointmentId: visitId, lines }, sister)).toMatchObject({ __typename: 'NotFound' })
    expect(await post({ appointmentId: visitId, clientId, lines })).toMatchObject({
      __typename: 'InvalidInput',
      issues: [{ path: 'clientId', rule: 'other_owner' }],
    })
  })
})

describe('a sale at the counter', () => {
  it('needs no client, and names one who is given', async () => {
    const toy = await product({ unitPrice: '80' })
    await stock(toy, '5')
    const anonymous = await post({ lines: [{ productId: toy, quantity: '1' }] })
    expect(anonymous).toMatchObject({
      kind: 'counter_sale',
      client: null,
      patient: null,
      appointment: null,
      total: pesos('9280'),
      lines: [{ clinician: null }],
    })
    expect(await post({ clientId, lines: [{ productId: toy, quantity: '1' }] })).toMatchObject({ client: { id: clientId, name: 'Rosa Mejía' } })
    expect(await post({ clientId: newId(), lines: [{ productId: toy, quantity: '1' }] })).toMatchObject({ __typename: 'NotFound' })
  })

  it('is numbered consecutively, without a gap for what was refused', async () => {
    const toy = await product()
    await stock(toy, '2')
    const numberOf = (posted: { number: string }) => Number(posted.number.slice(2))
    const first = await post({ lines: [{ productId: toy, quantity: '1' }] })
    expect((await post({ lines: [{ productId: toy, quantity: '9' }] })).__typename).toBe('InsufficientStock')
    const second = await post({ lines: [{ productId: toy, quantity: '1' }] })
    expect(numberOf(second)).toBe(numberOf(first) + 1)
  })

  it('takes from the lot that expires first, splits over lots, and leaves unusable ones', async () => {
    const vaccine = await product({ isLotTracked: true })
    const lot = (lotNumber: string, days: number, quantity: string) => stock(vaccine, quantity, { lotNumber, expiresOn: addDays(today(), days) })
    await lot('LATE', 300, '10')
    const early = await lot('EARLY', 30, '3')
    const recalled = await lot('RECALLED', 20, '10')
    await lot('EXPIRED', -1, '10')
    await owner('mutation Recall($input: SetLotStatusInput!) { setLotStatus(input: $input) { __typename } }', {
      input: { lotId: recalled.lotId, status: 'recalled', reason: 'Aviso' },
    })

    const one = await post({ lines: [{ productId: vaccine, quantity: '1' }] })
    expect(one.lines).toMatchObject([{ lot: { id: early.lotId, number: 'EARLY' }, lots: [{ number: 'EARLY' }] }])
    const split = await post({
      lines: [
        { productId: vaccine, quantity: '1.5' },
        { productId: vaccine, quantity: '2' },
      ],
    })
    expect(split.lines.map((line: LineRow) => [line.lot?.number ?? null, line.lots.map((part: { number: string }) => part.number).sort()])).toEqual([
      ['EARLY', ['EARLY']],
      [null, ['EARLY', 'LATE']],
    ])
    expect((await onHand(vaccine)).lots).toEqual([
      { number: 'EXPIRED', onHand: '10' },
      { number: 'RECALLED', onHand: '10' },
      { number: 'LATE', onHand: '8.5' },
    ])

    const refused = await post({ lines: [{ productId: vaccine, quantity: '9' }] })
    expect(refused).toMatchObject({ __typename: 'InsufficientStock', productId: vaccine, lotId: null, requested: '9', available: '8.5' })
  })

  it('takes the lot that was given, if it is usable', async () => {
    const vaccine = await product({ isLotTracked: true })
    await stock(vaccine, '5', { lotNumber: 'A', expiresOn: addDays(today(), 10) })
    const b = await stock(vaccine, '5', { lotNumber: 'B', expiresOn: addDays(today(), 20) })
    const expired = await stock(vaccine, '5', { lotNumber: 'C', expiresOn: addDays(today(), -1) })
    expect((await post({ lines: [{ productId: vaccine, lotId: b.lotId, quantity: '2' }] })).lines).toMatchObject([{ lot: { number: 'B' } }])
    const refused = await post({ lines: [{ productId: vaccine, lotId: expired.lotId, quantity: '1' }] })
    expect(refused).toMatchObject({ __typename: 'InsufficientStock', lotId: expired.lotId, available: '0' })
    const loose = await product()
    await stock(loose, '5')
    expect(await post({ lines: [{ productId: loose, lotId: b.lotId, quantity: '1' }] })).toMatchObject({ __typename: 'InsufficientStock', available: '0' })
  })

  it('posts nothing at all when one of its products is short', async () => {
    const [plenty, scarce, never] = [await product(), await product(), await product()]
    await stock(plenty, '10')
    await stock(scarce, '3')
    const lines = [
      { productId: plenty, quantity: '4' },
      { productId: scarce, quantity: '2' },
      { productId: scarce, quantity: '2' },
    ]
    expect(await post({ clientId, lines })).toMatchObject({ __typename: 'InsufficientStock', productId: scarce, requested: '2', available: '1' })
    expect(await post({ lines: [{ productId: never, quantity: '1' }] })).toMatchObject({ __typename: 'InsufficientStock', productId: never, available: '0' })
    expect([(await onHand(plenty)).stock.onHand, (await onHand(scarce)).stock.onHand]).toEqual(['10', '3'])
    const { edges } = (await desk(Q_INVOICES, { first: 100 })).body.data.invoices
    expect(edges.some((edge: Edges['edges'][number]) => edge.node.lines.some((line: LineRow) => line.product?.id === plenty))).toBe(false)
  })

  it('is posted once for one idempotency key, also when both requests arrive together', async () => {
    const toy = await product()
    await stock(toy, '5')
    const key = newId()
    const input = { lines: [{ productId: toy, quantity: '1' }] }
    const [first, second] = await Promise.all([post(input, desk, key), post(input, desk, key)])
    expect(first.id).toBe(second.id)
    expect((await onHand(toy)).stock.onHand).toBe('4')
    expect(await post({ lines: [{ productId: toy, quantity: '2' }] }, desk, key)).toMatchObject({ __typename: 'IdempotencyMismatch' })
  })

  it.each([
    ['no lines', [], 'lines'],
    ['neither service nor product', [{ quantity: '1' }], 'lines.0.serviceId'],
    ['both', [{ serviceId: newId(), productId: newId(), quantity: '1' }], 'lines.0.serviceId'],
    ['a lot of a service', [{ serviceId: newId(), lotId: newId(), quantity: '1' }], 'lines.0.lotId'],
    ['nothing of it', [{ serviceId: newId(), quantity: '0' }], 'lines.0.quantity'],
    ['less than nothing', [{ serviceId: newId(), quantity: '-1' }], 'lines.0.quantity'],
    ['more than a ledger holds', [{ serviceId: newId(), quantity: '100000.000001' }], 'lines.0.quantity'],
    ['a negative price', [{ serviceId: newId(), quantity: '1', unitPrice: '-0.01' }], 'lines.0.unitPrice'],
  ])('refuses %s', async (_what, lines, path) => {
    expect(await post({ lines })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('refuses what is archived, out of reach, or done by somebody unknown', async () => {
    const service = await addService(harness.app, actorOf(org))
    const archived = await addService(harness.app, actorOf(org))
    await owner(M_UPDATE_SERVICE, { input: { id: archived, version: 1, isArchived: true } })
    const theirs = await addService(harness.app, actorOf(foreign))
    const kindOf = async (line: object) => paramsOf(await post({ lines: [{ quantity: '1', ...line }] })).type
    expect(await kindOf({ serviceId: archived })).toBe('Service')
    expect(await kindOf({ serviceId: theirs })).toBe('Service')
    expect(await kindOf({ productId: newId() })).toBe('Product')
    expect(await kindOf({ serviceId: service, clinicianId: newId() })).toBe('StaffProfile')
  })
})

describe('many sales at once', () => {
  // A server that is too busy says so and may be asked again with the same key, as the web client does.
  const sell = async (lines: object[], attempts = 5): Promise<Answer> => {
    const idempotencyKey = newId()
    for (let attempt = 1; ; attempt += 1) {
      const { body } = await desk(M_POST, { input: { lines } }, { idempotencyKey })
      if (body.data?.postInvoice) return body.data.postInvoice
      if (body.errors?.[0]?.extensions.code !== 'UNAVAILABLE' || attempt === attempts) throw new Error(JSON.stringify(body.errors))
    }
  }

  it('of a lot of 20 sell 20 and refuse 40, and never go below zero', async () => {
    const vaccine = await product({ isLotTracked: true })
    await stock(vaccine, '20', { lotNumber: 'A', expiresOn: addDays(today(), 90) })
    const answers = await Promise.all(Array.from({ length: 60 }, () => sell([{ productId: vaccine, quantity: '1' }])))
    const kinds = Object.groupBy(answers, (answer) => answer.__typename)
    expect({ sold: kinds.Invoice?.length, refused: kinds.InsufficientStock?.length }).toEqual({ sold: 20, refused: 40 })
    expect(await onHand(vaccine)).toEqual({ stock: { onHand: '0' }, lots: [] })
    expect(new Set(kinds.Invoice?.map((answer) => answer.number)).size).toBe(20)
  })

  it('of the same two products in either order do not block each other', async () => {
    const [a, b] = [await product(), await product()]
    await stock(a, '30')
    await stock(b, '30')
    const line = (productId: string) => ({ productId, quantity: '1' })
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => sell(index % 2 ? [line(a), line(b)] : [line(b), line(a)])))
    expect(answers.map((answer) => answer.__typename)).toEqual(Array.from({ length: 30 }, () => 'Invoice'))
    expect([(await onHand(a)).stock.onHand, (await onHand(b)).stock.onHand]).toEqual(['0', '0'])
  })
})

describe('a credit note', () => {
  const sold = async (quantities: readonly string[]) => {
    const toy = await product({ unitPrice: '50' })
    await stock(toy, '100')
    const posted = await post({ clientId, lines: quantities.map((quantity) => ({ productId: toy, quantity })) })
    return { toy, posted }
  }

  it('takes the whole invoice back at its own amounts', async () => {
    const { toy, posted } = await sold(['1', '2'])
    const note = await credit({ invoiceId: posted.id })
    expect(note).toMatchObject({
      __typename: 'Invoice',
      kind: 'credit_note',
      credits: { id: posted.id },
      client: { id: clientId },
      total: posted.total,
      balance: pesos('0'),
      lines: [
        { creditsLineId: posted.lines[0].id, quantity: '1', total: posted.lines[0].total },
        { creditsLineId: posted.lines[1].id, quantity: '2' },
      ],
    })
    expect(note.number).toMatch(/^NC-\d{6}$/)
    expect(await invoice(posted.id)).toMatchObject({ credited: posted.total, balance: pesos('0'), creditNotes: [{ id: note.id, number: note.number }] })
    expect((await onHand(toy)).stock.onHand).toBe('97')
    expect(await lastEntry(harness, 'CreditInvoice/creditInvoice')).toMatchObject({ action: 'create', reason: 'Error de captura' })
  })

  it('takes lines back, then the rest, and none twice', async () => {
    const { posted } = await sold(['1', '2', '3'])
    const [first, second, third] = posted.lines.map((line: { id: string }) => line.id)
    expect((await credit({ invoiceId: posted.id, lines: [second] })).total).toEqual(pesos('11600'))
    expect(await credit({ invoiceId: posted.id, lines: [second, first] })).toMatchObject({ __typename: 'WrongState', code: 'WRONG_STATE' })
    const rest = await credit({ invoiceId: posted.id })
    expect(rest.lines.map((line: LineRow) => line.creditsLineId)).toEqual([first, third])
    expect(await credit({ invoiceId: posted.id })).toMatchObject({ __typename: 'WrongState' })
    expect((await invoice(posted.id)).balance).toEqual(pesos('0'))
  })

  it('puts the goods back on the shelf when asked, into the lots that they came from', async () => {
    const vaccine = await product({ isLotTracked: true })
    await stock(vaccine, '2', { lotNumber: 'A', expiresOn: addDays(today(), 10) })
    await stock(vaccine, '2', { lotNumber: 'B', expiresOn: addDays(today(), 20) })
    const posted = await post({ lines: [{ productId: vaccine, quantity: '3' }] })
    const note = await credit({ invoiceId: posted.id, restock: true })
    expect(await onHand(vaccine)).toEqual({
      stock: { onHand: '4' },
      lots: [
        { number: 'A', onHand: '2' },
        { number: 'B', onHand: '2' },
      ],
    })
    const { edges } = (await desk('query Back($id: UUID!) { stockMovements(productId: $id, first: 2) { edges { node { kind reason } } } }', { id: vaccine }))
      .body.data.stockMovements
    expect(edges.map((edge: { node: object }) => edge.node)).toEqual(
      Array.from({ length: 2 }, () => ({ kind: 'adjustment', reason: `${note.number}: Error de captura` })),
    )
  })

  it('of a paid invoice leaves the client a negative balance', async () => {
    const { posted } = await sold(['1'])
    await pay({ invoiceId: posted.id, amountMinor: posted.total.minorUnits })
    await credit({ invoiceId: posted.id })
    expect((await invoice(posted.id)).balance).toEqual(pesos('-5800'))
  })

  it('is refused for a credit note, a foreign line, and what is out of reach', async () => {
    const { posted } = await sold(['1'])
    const other = await sold(['1'])
    expect(await credit({ invoiceId: posted.id, lines: [other.posted.lines[0].id] })).toMatchObject({ __typename: 'NotFound' })
    const note = await credit({ invoiceId: posted.id })
    expect(await credit({ invoiceId: note.id })).toMatchObject({ __typename: 'WrongState' })
    expect(await credit({ invoiceId: newId() })).toMatchObject({ __typename: 'NotFound' })
    expect(await credit({ invoiceId: posted.id, reason: '' })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path: 'reason' }] })
  })

  it('is written once when five ask for it at the same time', async () => {
    const { posted } = await sold(['1'])
    const answers = await Promise.all(Array.from({ length: 5 }, () => credit({ invoiceId: posted.id })))
    expect(answers.map((answer) => answer.__typename).sort()).toEqual(['Invoice', 'WrongState', 'WrongState', 'WrongState', 'WrongState'])
    expect((await invoice(posted.id)).credited).toEqual(posted.total)
  })

  it('cannot take back a line of another invoice, whoever writes it', async () => {
    const { posted } = await sold(['1'])
    const other = await sold(['1'])
    const actor = actorOf(org)
    const line = {
      serviceId: null,
      productId: other.toy,
      description: 'x',
      quantity: '1',
      unitPrice: '50',
      taxRate: '16',
      subtotalMinor: 5000n,
      taxMinor: 800n,
      totalMinor: 5800n,
    }
    const place = { organisationId: org.id, clinicId: actor.clinic.id }
    const forged = harness.app.asSystem(actor, 'cli', 'forged', async (tx) => {
      const id = newId()
      const day = new Date('2026-01-01')
      await tx.prisma.invoice.create({
        data: {
          id,
          ...place,
          number: 'NC-X',
          kind: 'credit_note',
          creditsId: posted.id,
          businessDate: day,
          postedAt: day,
          currency: 'MXN',
          subtotalMinor: 5000n,
          taxMinor: 800n,
          totalMinor: 5800n,
        },
      })
      await tx.prisma.invoiceLine.create({ data: { ...place, invoiceId: id, position: 1, creditsLineId: other.posted.lines[0].id, ...line } })
      return null
    })
    await expect(forged).rejects.toThrow(/CREDIT_LINE/)
  })
})

describe('a payment', () => {
  const owing = async (amount: string, day: string, buyer = clientId) => {
    const service = await addService(harness.app, actorOf(org), { unitPrice: amount, taxRate: '0' })
    return addInvoice(harness.app, actorOf(org), { clientId: buyer, lines: [{ serviceId: service, quantity: '1' }] }, clockAt(`${day}T18:00:00Z`))
  }

  it('settles an invoice in parts', async () => {
    const { id } = await owing('100', '2026-03-01')
    const part = await pay({ invoiceId: id, method: 'card', amountMinor: '4000' })
    expect(part).toMatchObject({
      __typename: 'Payment',
      method: 'card',
      amount: pesos('4000'),
      allocations: [{ amount: pesos('4000'), invoice: { id, balance: pesos('6000') } }],
    })
    await pay({ invoiceId: id, amountMinor: '6000' })
    const settled = await invoice(id)
    expect(settled).toMatchObject({ paid: pesos('10000'), balance: pesos('0') })
    expect(settled.payments.map((payment: PaymentRow) => [payment.method, payment.amount.minorUnits])).toEqual([
      ['card', '4000'],
      ['cash', '6000'],
    ])
  })

  it('of a client fills the oldest invoices first, and shows in each', async () => {
    const buyer = await addClient(harness.app, actorOf(org), { name: 'Paga Todo' })
    const newest = await owing('30', '2026-03-03', buyer)
    const oldest = await owing('100', '2026-03-01', buyer)
    const middle = await owing('50', '2026-03-02', buyer)
    const paid = await pay({ clientId: buyer, method: 'transfer', amountMinor: '12000' })
    expect(new Map(paid.allocations.map((allocation: PaymentRow['allocations'][number]) => [allocation.invoice.id, allocation.amount.minorUnits]))).toEqual(
      new Map([
        [oldest.id, '10000'],
        [middle.id, '2000'],
      ]),
    )
    const refused = await pay({ clientId: buyer, amountMinor: '6001' })
    expect(refused).toMatchObject({ __typename: 'OverPayment', code: 'OVER_PAYMENT', open: pesos('6000') })
    expect(paramsOf(refused)).toEqual({ openMinor: '6000', currency: 'MXN' })
    await pay({ clientId: buyer, amountMinor: '6000' })
    expect([(await invoice(middle.id)).balance, (await invoice(newest.id)).balance]).toEqual([pesos('0'), pesos('0')])
    expect(await pay({ clientId: buyer, amountMinor: '1' })).toMatchObject({ __typename: 'OverPayment', open: pesos('0') })
  })

  it('never exceeds what is neither paid nor credited', async () => {
    const { id } = await owing('100', '2026-03-04')
    expect(await pay({ invoiceId: id, amountMinor: '10001' })).toMatchObject({ __typename: 'OverPayment', open: pesos('10000') })
    await credit({ invoiceId: id })
    expect(await pay({ invoiceId: id, amountMinor: '1' })).toMatchObject({ __typename: 'OverPayment', open: pesos('0') })
  })

  it('is taken once when ten people take it at the same time', async () => {
    const { id } = await owing('100', '2026-03-05')
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay({ invoiceId: id, amountMinor: '10000' })))
    expect(answers.filter((answer) => answer.__typename === 'Payment')).toHaveLength(1)
    expect(answers.filter((answer) => answer.__typename === 'OverPayment')).toHaveLength(9)
    expect((await invoice(id)).paid).toEqual(pesos('10000'))
  })

  it.each([
    ['neither invoice nor client', {}, 'invoiceId'],
    ['both', { invoiceId: newId(), clientId: newId() }, 'invoiceId'],
    ['an unknown method', { invoiceId: newId(), method: 'shells' }, 'method'],
    ['nothing', { invoiceId: newId(), amountMinor: '0' }, 'amountMinor'],
    ['less than nothing', { invoiceId: newId(), amountMinor: '-5' }, 'amountMinor'],
  ])('names what is wrong: %s', async (_what, input, path) => {
    expect(await pay({ amountMinor: '100', ...input })).toMatchObject({ __typename: 'InvalidInput', issues: [{ path }] })
  })

  it('is refused for a credit note and for what is out of reach', async () => {
    const { id } = await owing('100', '2026-03-06')
    const note = await credit({ invoiceId: id })
    expect(await pay({ invoiceId: note.id, amountMinor: '1' })).toMatchObject({ __typename: 'WrongState' })
    expect(await pay({ invoiceId: newId(), amountMinor: '1' })).toMatchObject({ __typename: 'NotFound' })
    expect(await pay({ clientId: newId(), amountMinor: '1' })).toMatchObject({ __typename: 'NotFound' })
  })
})

describe('lists', () => {
  let lister: Caller
  let world: WorldOrganisation
  let buyer: string
  let patientIds: string[]

  // Tokyo: no minor unit, and a day that has begun while Mexico still has the day before.
  beforeAll(async () => {
    const japan = { timeZone: 'Asia/Tokyo', currency: 'JPY', countryCode: 'JP' }
    world = await buildOrganisation(harness.app, 'gama', [japan, japan])
    lister = await as(world, 'receptionist')
    const { app } = harness
    const actor = actorOf(world)
    const place = await addPractice(app, actor)
    const pet = await addPatient(app, actor, { name: 'Otro' })
    patientIds = [place.patientId, pet.id]
    buyer = pet.clientId
    const vaccine = await addProduct(app, actor, { unitPrice: '1234.5', taxRate: '10', isLotTracked: true })
    const { lotId } = await addStock(app, actor, { productId: vaccine, lotNumber: 'A', quantity: '100' }, clockAt('2025-01-01T00:00:00Z'))
    expect(lotId).not.toBeNull()
    const service = await addService(app, actor, { unitPrice: '3000', taxRate: '10' })
    for (let index = 0; index < 7; index += 1) {
      const appointmentId = await addAppointment(app, actor, {
        patientId: index % 2 ? pet.id : place.patientId,
        typeId: place.typeId,
        staffId: place.staffId,
        startsAt: instantAt('2025-06-02', 540 + index * 20, 'Asia/Tokyo').instant,
      })
      const { id } = await addInvoice(
        app,
        actor,
        {
          appointmentId,
          lines: [
            { serviceId: service, quantity: '1' },
            { productId: vaccine, quantity: '1' },
          ],
        },
        clockAt(`2025-06-0${index + 1}T16:00:00Z`),
      )
      await addPayment(app, actor, { invoiceId: id, method: 'cash', amountMinor: 100n })
    }
    await addInvoice(app, actor, { clientId: buyer, lines: [{ productId: vaccine, quantity: '2' }] }, clockAt('2025-06-05T14:59:59Z'))
  })

  it('file an invoice under the practice day of its clinic, in the clinic’s currency', async () => {
    const days = async (variables: object) =>
      (await lister(Q_INVOICES, variables)).body.data.invoices.edges.map((edge: Edges['edges'][number]) => [edge.node.businessDate, edge.node.kind])
    // 16:00 UTC is 01:00 of the next day in Tokyo; 14:59:59 is one second before midnight.
    expect(await days({ from: '2025-06-05', to: '2025-06-06' })).toEqual([
      ['2025-06-06', 'visit'],
      ['2025-06-05', 'counter_sale'],
      ['2025-06-05', 'visit'],
    ])
    expect(await days({ kind: 'counter_sale' })).toEqual([['2025-06-05', 'counter_sale']])
    expect(await days({ to: '2025-06-02' })).toHaveLength(1)
    expect(await days({ clientId: buyer })).toHaveLength(4)
    const [sale] = (await lister(Q_INVOICES, { kind: 'counter_sale' })).body.data.invoices.edges
    expect(sale.node).toMatchObject({ subtotal: { minorUnits: '2469', currency: 'JPY' }, tax: { minorUnits: '247' }, total: { minorUnits: '2716' } })
  })

  it('go on where a page ended', async () => {
    const first = (await lister(Q_INVOICES, { first: 5 })).body.data.invoices
    expect(first.pageInfo.hasNextPage).toBe(true)
    const second = (await lister(Q_INVOICES, { first: 5, after: first.pageInfo.endCursor })).body.data.invoices
    expect([first.edges.length, second.edges.length]).toEqual([5, 3])
    expect(new Set([...first.edges, ...second.edges].map((edge: Edges['edges'][number]) => edge.node.id)).size).toBe(8)
  })

  it('cost the same number of statements for 5 invoices as for 50, with everything that hangs on them', async () => {
    const five = await statementsOf(harness, () => lister(Q_INVOICES, { first: 5 }))
    expect(await statementsOf(harness, () => lister(Q_INVOICES, { first: 50 }))).toBe(five)
  })

  it('of a patient, a client and a visit hold theirs, newest first', async () => {
    const { patient } = (await lister(Q_PATIENT, { id: patientIds[1], first: 2 })).body.data
    expect(patient.invoices.edges).toHaveLength(2)
    const document = `query Owners($client: UUID!) { client(id: $client) { invoices { edges { node { kind businessDate appointment { id invoices { edges { node { id } } } } } } } } }`
    const { client } = (await lister(document, { client: buyer })).body.data
    expect(client.invoices.edges.map((edge: Edges['edges'][number]) => edge.node.businessDate)).toEqual([
      '2025-06-07',
      '2025-06-05',
      '2025-06-05',
      '2025-06-03',
    ])
    for (const { node } of client.invoices.edges) if (node.kind === 'visit') expect(node.appointment.invoices.edges).toHaveLength(1)
  })

  it('of many patients cost as many statements as those of one', async () => {
    const document = 'query Search($query: String!) { searchPatients(query: $query) { id invoices(first: 5) { edges { node { id } } } } }'
    const search = async (query: string) =>
      (await lister(document, { query })).body.data.searchPatients.map((patient: { invoices: Edges }) => patient.invoices.edges.length)
    expect([await search('otro'), await search('lucia')]).toEqual([[3], [4, 3]])
    expect(await statementsOf(harness, () => search('lucia'))).toBe(await statementsOf(harness, () => search('otro')))
  })
})

describe('who may', () => {
  it('the roles that sell, and nobody else', async () => {
    const service = await addService(harness.app, actorOf(org))
    const input = { lines: [{ serviceId: service, quantity: '1' }] }
    for (const role of ['veterinarian', 'receptionist', 'clinic_admin', 'owner', 'super_admin'] as const)
      expect((await post(input, await as(org, role))).__typename).toBe('Invoice')
    for (const role of ['assistant', 'groomer', 'manager', 'compliance_officer', 'client'] as const) {
      const { body } = await (await as(org, role))(M_POST, { input })
      expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'invoice:create' })
    }
    expect(await lastEntry(harness, 'PostInvoice')).toMatchObject({ outcome: 'denied', detail: expect.stringContaining('invoice:create') })
  })

  it.each([
    ['credit', 'receptionist', M_CREDIT, { invoiceId: newId(), reason: 'x' }, 'invoice:void'],
    ['credit', 'manager', M_CREDIT, { invoiceId: newId(), reason: 'x' }, 'invoice:void'],
    ['take money', 'veterinarian', M_PAY, { invoiceId: newId(), method: 'cash', amountMinor: '1' }, 'payment:process'],
    ['set prices', 'receptionist', M_CREATE_SERVICE, { code: 'X', name: 'X', category: 'other', unitPrice: '1', taxRate: '0' }, 'service:manage'],
    ['set prices', 'veterinarian', M_UPDATE_SERVICE, { id: newId(), version: 1 }, 'service:manage'],
  ] as const)('not: %s, as %s', async (_what, role, document, input, permission) => {
    const { body } = await (await as(org, role))(document, { input })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission })
  })

  it.each(['assistant', 'groomer'] as const)('a %s sees the patient, and null for the invoices', async (role) => {
    const { body } = await (await as(org, role))(Q_PATIENT, { id: practice.patientId })
    expect(body.data.patient).toEqual({ id: practice.patientId, invoices: null })
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', permission: 'invoice:read', coordinate: 'Patient.invoices' })
  })

  it('nobody reaches invoices of the sister clinic or of another organisation', async () => {
    const service = await addService(harness.app, actorOf(org))
    const { id } = await addInvoice(harness.app, actorOf(org), { clientId, lines: [{ serviceId: service, quantity: '1' }] })
    for (const caller of [await as(org, 'receptionist', 1), await as(foreign, 'receptionist')]) {
      expect(await invoice(id, caller)).toBeNull()
      expect((await caller(Q_INVOICES, { clientId })).body.data.invoices.edges).toEqual([])
      expect(await pay({ invoiceId: id, amountMinor: '1' }, caller)).toMatchObject({ __typename: 'NotFound' })
    }
    const sisterDesk = await as(org, 'receptionist', 1)
    expect(await pay({ clientId, amountMinor: '1' }, sisterDesk)).toMatchObject({ __typename: 'OverPayment', open: pesos('0') })
    expect(await credit({ invoiceId: id }, await as(org, 'clinic_admin', 1))).toMatchObject({ __typename: 'NotFound' })
  })
})

describe('the trail', () => {
  it('says what an invoice read and changed, in one entry', async () => {
    const toy = await product()
    await stock(toy, '5')
    const posted = await post({ clientId, lines: [{ productId: toy, quantity: '1' }] })
    const entry = await lastEntry(harness, 'PostInvoice/postInvoice')
    expect(entry).toMatchObject({ action: 'create', outcome: 'ok' })
    const changed = Object.fromEntries(entry?.body.changes?.map(({ type, ids }) => [type, ids]) ?? [])
    expect(changed).toMatchObject({ Invoice: [posted.id], InvoiceLine: [posted.lines[0].id], StockLevel: [toy] })
    expect(changed.StockMovement).toHaveLength(1)
    expect(entry?.body.reads).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'Client', ids: [clientId] }), expect.objectContaining({ type: 'Product', ids: [toy] })]),
    )
  })

  it('says which payment settled which invoice', async () => {
    const service = await addService(harness.app, actorOf(org), { taxRate: '0' })
    const { id } = await addInvoice(harness.app, actorOf(org), { lines: [{ serviceId: service, quantity: '1' }] })
    const paid = await pay({ invoiceId: id, amountMinor: '100' })
    const entry = await lastEntry(harness, 'RecordPayment/recordPayment')
    expect(entry?.body.changes).toEqual(
      expect.arrayContaining([
        { type: 'Invoice', ids: [id], fields: ['paidMinor'] },
        expect.objectContaining({ type: 'Payment', ids: [paid.id] }),
        expect.objectContaining({ type: 'PaymentAllocation', ids: [paid.id] }),
      ]),
    )
  })

  it('says which invoices, lines and payments a page showed', async () => {
    const service = await addService(harness.app, actorOf(org), { taxRate: '0' })
    const { id } = await addInvoice(harness.app, actorOf(org), { clientId, lines: [{ serviceId: service, quantity: '1' }] })
    const payment = await addPayment(harness.app, actorOf(org), { invoiceId: id, method: 'cash', amountMinor: 50_000n })
    const shown = await invoice(id)
    const entry = await lastEntry(harness, 'Invoice')
    const read = Object.fromEntries(entry?.body.reads?.map(({ type, ids }) => [type, ids]) ?? [])
    expect(read).toMatchObject({ Invoice: [id], InvoiceLine: [shown.lines[0].id], Payment: [payment], Client: [clientId], Service: [service] })
  })

  it('agrees with what the rows themselves witnessed, for everything above', async () => {
    expect(await withClient(harness.database.adminUrl, findDisagreements)).toEqual([])
  })
})

describe('a refusal that tells a figure', () => {
  it('has the record that it read in its entry, although its transaction was rolled back', async () => {
    const item = await product()
    await stock(item, '1')
    const { body, headers } = await desk(M_POST, { input: { lines: [{ productId: item, quantity: '2' }] } })
    expect(body.data.postInvoice).toMatchObject({ __typename: 'InsufficientStock' })
    const [entry] = await withClient(harness.database.adminUrl, (client) => entriesOf(client, headers.get('x-request-id')))
    expect(entry?.body).toMatchObject({ outcome: 'refused', reads: expect.arrayContaining([{ type: 'StockLevel', ids: [item], fields: ['onHand'] }]) })
  })
})

describe('the database', () => {
  it('adds no line to a posted invoice, not even beside a payment that renews its row', async () => {
    const service = (await owner(M_CREATE_SERVICE, { input: { code: newId(), name: 'Corte', category: 'grooming', unitPrice: '100', taxRate: '16' } })).body
      .data.createService
    const posted = await post({ lines: [{ serviceId: service.id, quantity: '1' }] })
    const actor = actorOf(org)
    const place = { organisationId: actor.organisationId, clinicId: actor.clinic.id }
    const added = harness.app.asSystem(actor, 'cli', 'add a line', async (tx) => {
      const payment = { id: newId(), ...place, method: 'cash', currency: 'MXN', amountMinor: 100n, receivedAt: tx.clock.now() }
      await tx.prisma.payment.create({ data: payment })
      await tx.prisma.paymentAllocation.create({ data: { ...place, paymentId: payment.id, invoiceId: posted.id, amountMinor: 100n } })
      const amounts = { quantity: '1', unitPrice: '5', taxRate: '0', subtotalMinor: 500n, taxMinor: 0n, totalMinor: 500n }
      await tx.prisma.invoiceLine.create({ data: { ...place, invoiceId: posted.id, position: 2, serviceId: service.id, description: 'Corte', ...amounts } })
      return null
    })
    await expect(added).rejects.toThrow(/INVOICE_POSTED/)
  })
})
