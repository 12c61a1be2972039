import { TIME_ZONE } from '../../demo/clinic-data.ts'
import { fromMinute, localDateOf, localMinuteOf } from '../../modules/kernel/time.ts'
import { demoLogin, PASSWORD } from './accounts.ts'
import { demoOrigin } from './fixture.ts'

type Closure = { kind: 'time_off'; staff: string } | { kind: 'maintenance'; room: string } | { kind: 'closure' }

const REFUSED = '__typename ... on Error { message }'

/** An administrator's own documents: what no page of the web client does yet. */
async function administer(): Promise<(query: string, variables?: object) => Promise<any>> {
  const ask = async (query: string, variables: object, headers: Record<string, string>) => {
    const response = await fetch(`${demoOrigin()}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-graphql-yoga-csrf': '1', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data?: Record<string, any>; errors?: unknown }
    const answer = data && Object.values(data)[0]
    if (errors || answer === undefined || answer?.message) throw new Error(`${query}: ${JSON.stringify(errors ?? answer)}`)
    return answer
  }
  const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { __typename ... on Session { accessToken } ... on Error { message } } }`
  const { accessToken } = await ask(SIGN_IN, { input: { email: demoLogin('clinic_admin').email, password: PASSWORD } }, {})
  return (query, variables = {}) => ask(query, variables, { authorization: `Bearer ${accessToken}`, 'idempotency-key': crypto.randomUUID() })
}

/** Closes a time of the demo's first clinic; time off lies within one day. */
export async function closeTime(closure: Closure, startsAt: string, endsAt: string, title = 'Cerrado'): Promise<void> {
  const ask = await administer()
  if (closure.kind === 'closure') {
    await ask(`mutation Close($input: AddClosureInput!) { addClosure(input: $input) { ${REFUSED} } }`, { input: { startsAt, endsAt, title } })
    return
  }
  if (closure.kind === 'maintenance') {
    const rooms: { id: string; name: string }[] = await ask('query Rooms { rooms { id name } }')
    const roomId = rooms.find(({ name }) => name === closure.room)?.id
    await ask(`mutation Maintain($input: AddMaintenanceInput!) { addMaintenance(input: $input) { ${REFUSED} } }`, {
      input: { roomId, startsAt, endsAt, title },
    })
    return
  }
  const day = localDateOf(new Date(startsAt), TIME_ZONE)
  const [start, end] = [startsAt, endsAt].map((instant) => fromMinute(localMinuteOf(new Date(instant), TIME_ZONE)))
  const staff: { id: string; name: string }[] = await ask('query Staff($date: LocalDate!) { bookableStaff(date: $date) { id name } }', { date: day })
  const types: { id: string; code: string }[] = await ask('query Types { timeOffTypes { id code } }')
  const wish = {
    staffId: staff.find(({ name }) => name === closure.staff)?.id,
    typeId: types.find(({ code }) => code === 'personal')?.id,
    firstDay: day,
    lastDay: day,
    start,
    end,
  }
  const { id, version } = await ask(
    `mutation Ask($input: RequestTimeOffInput!) { requestTimeOff(input: $input) { ${REFUSED} ... on TimeOffRequest { id version } } }`,
    { input: wish },
  )
  await ask(`mutation Approve($input: ApproveTimeOffInput!) { approveTimeOff(input: $input) { ${REFUSED} } }`, { input: { id, version } })
}

/** Adds an X-ray machine to the demo's first clinic, and a type of visit that needs it, in a surgery, by a veterinarian. */
export async function addTypeWithNeeds(name: string, machine: string): Promise<void> {
  const ask = await administer()
  await ask(`mutation Machine($input: CreateEquipmentInput!) { createEquipment(input: $input) { ${REFUSED} } }`, { input: { name: machine, kind: 'xray' } })
  const needs = { positions: ['veterinarian'], roomKinds: ['surgery'], equipmentKinds: ['xray'] }
  await ask(`mutation Type($input: CreateAppointmentTypeInput!) { createAppointmentType(input: $input) { ${REFUSED} } }`, {
    input: { code: 'radiografia', name, durationMinutes: 20, colour: '#364fc7', ...needs },
  })
}
