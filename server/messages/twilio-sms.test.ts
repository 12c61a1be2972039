import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutsideWorld } from '../../test/outside-world.ts'
import { takePort } from '../../test/ports.ts'
import { TwilioSms } from './twilio-sms.ts'

type Received = { method: string; path: string; headers: IncomingHttpHeaders; form: Record<string, string> }

let outside: OutsideWorld
beforeEach(() => {
  outside = new OutsideWorld()
})
afterEach(() => outside[Symbol.asyncDispose]())

const ACCOUNT = `AC${'0a'.repeat(16)}`
const sms = (apiUrl: string, from = '+525500000000') => new TwilioSms({ accountSid: ACCOUNT, authToken: 'token', from, apiUrl })
const message = { id: 'x', to: '+525512345678', text: 'Clínica Centro: mañana, 10:30 a.m.' }

/** Twilio's API as far as it is used: it takes messages, or answers with this status and error. */
async function startTwilio(status = 201, answer: object = { sid: 'SM1', status: 'queued' }): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const form = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')))
    received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, form })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  return { url: await outside.serve(server), received }
}

describe('a text message by Twilio', () => {
  it('is handed over as its API wants it', async () => {
    const { url, received } = await startTwilio()
    expect(await sms(url).send(message)).toEqual({ kind: 'sent', providerId: 'SM1' })
    expect(received).toMatchObject([
      {
        method: 'POST',
        path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`,
        headers: { authorization: `Basic ${Buffer.from(`${ACCOUNT}:token`).toString('base64')}` },
        form: { To: '+525512345678', From: '+525500000000', Body: message.text },
      },
    ])
  })

  it('leaves by a messaging service where one is named', async () => {
    const { url, received } = await startTwilio()
    const service = `MG${'0b'.repeat(16)}`
    await sms(url, service).send(message)
    expect(received[0]?.form).toEqual({ To: '+525512345678', MessagingServiceSid: service, Body: message.text })
  })

  it.each([
    [400, { code: 21211, message: 'The number +525512345678 is invalid.', status: 400 }, { kind: 'permanent', code: 'SMS_21211' }],
    [401, { code: 20003, message: 'Authenticate', status: 401 }, { kind: 'temporary', code: 'SMS_AUTH' }],
    [429, { code: 20429, message: 'Too Many Requests', status: 429 }, { kind: 'temporary', code: 'SMS_BUSY' }],
    [503, { code: 20503, message: 'Service unavailable', status: 503 }, { kind: 'temporary', code: 'SMS_AWAY_503' }],
  ])('that is answered with %d', async (status, answer, outcome) => {
    const { url } = await startTwilio(status, answer)
    expect(await sms(url).send(message)).toEqual(outcome)
  })

  it('is tried again when nobody answers', async () => {
    expect(await sms(`http://127.0.0.1:${await takePort()}`).send(message)).toEqual({ kind: 'temporary', code: 'SMS_UNREACHABLE' })
  })
})
