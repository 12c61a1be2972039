import { isDeepStrictEqual } from 'node:util'
import { contentOf, sizeOf } from './answers.ts'
import type { Contender } from './contender.ts'
import { requestOf } from './dialects.ts'
import { CHECKED, type InputSource, inputOf, isWrite, type OperationName, stepOf, type Visit } from './operations.ts'

const SAMPLES = 5
/** What an answer holds at least: a day of forty visits, a record of twenty visits and ten invoices. */
const LEAST: Readonly<Partial<Record<OperationName, number>>> = { day: 35, patient: 15 }

/** Throws unless all contenders answer the same to the same. Steps leave the visit as it was, but for its version. */
export async function assertSameAnswers(contenders: readonly Contender[], name: OperationName, source: InputSource, visits: Visit[]): Promise<void> {
  for (const contender of contenders) await contender.signIn()
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const answers = new Map<string, unknown>()
    for (const contender of contenders) answers.set(contender.name, await answerOf(contender, name, sample, source, visits))
    const [[first, expected] = ['', null], ...others] = [...answers]
    if (!isWrite(name) && sizeOf(name, expected) < (LEAST[name] ?? 1)) throw new Error(`${name}: ${first} answers too little: ${JSON.stringify(expected)}`)
    for (const [other, content] of others)
      if (!isDeepStrictEqual(content, expected))
        throw new Error(`${name}: ${other} answers otherwise than ${first}:\n${JSON.stringify(content)}\n${JSON.stringify(expected)}`)
  }
}

// The generator books what comes after CHECKED.
let booked = 0

async function answerOf(contender: Contender, name: OperationName, sample: number, source: InputSource, visits: Visit[]): Promise<unknown> {
  if (booked > CHECKED) throw new Error('more was booked for comparisons than there is place for')
  const ask = async (input: ReturnType<typeof stepOf>) =>
    contentOf(contender.dialect, name, await contender.ask(requestOf(contender.dialect, name, input, contender.token)))
  if (name !== 'status') return ask(inputOf(name, isWrite(name) ? booked++ : sample, source))
  const visit = visits[sample]
  if (!visit) throw new Error('there are no visits to come')
  const [there, back] = [await ask(stepOf(visit, source.organisation)), await ask(stepOf(stepped(visit), source.organisation))]
  visit.version += 2
  return [there, back]
}

const stepped = (visit: Visit): Visit => ({ ...visit, version: visit.version + 1, status: visit.status === 'scheduled' ? 'confirmed' : 'scheduled' })
