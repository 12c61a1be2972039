import type { Outcome } from '../../modules/communication/delivery.ts'
import type { SmsSettings } from '../config-messages.ts'
import type { Sms, SmsPort } from './message-ports.ts'

const TIMEOUT_MS = 30_000
type Client = Awaited<ReturnType<typeof openClient>>

/** Text messages through Twilio. Its package is loaded with the first one. */
export class TwilioSms implements SmsPort {
  readonly #settings: SmsSettings
  #client: Promise<Client> | null = null

  constructor(settings: SmsSettings) {
    this.#settings = settings
  }

  async send({ to, text }: Sms): Promise<Outcome> {
    const { from } = this.#settings
    this.#client ??= openClient(this.#settings).catch((error: unknown) => {
      this.#client = null
      throw error
    })
    const client = await this.#client
    try {
      const { sid } = await client.messages.create({ to, body: text, ...(from.startsWith('MG') ? { messagingServiceSid: from } : { from }) })
      return { kind: 'sent', providerId: sid }
    } catch (error) {
      return outcomeOf(error)
    }
  }
}

async function openClient({ accountSid, authToken, apiUrl }: SmsSettings) {
  const { default: twilio } = await import('twilio')
  const http = new twilio.RequestClient({ timeout: TIMEOUT_MS })
  if (apiUrl !== null) {
    http.axios.interceptors.request.use((config) => {
      const { pathname, search } = new URL(config.url ?? '')
      return Object.assign(config, { url: `${apiUrl}${pathname}${search}` })
    })
  }
  return twilio(accountSid, authToken, { httpClient: http, timeout: TIMEOUT_MS })
}

/** By numbers alone: what the provider says contains the telephone number. */
function outcomeOf(error: unknown): Outcome {
  const status = numberAt(error, 'status')
  const code = numberAt(error, 'code')
  if (status === 401 || status === 403) return { kind: 'temporary', code: 'SMS_AUTH' }
  if (status === 429) return { kind: 'temporary', code: 'SMS_BUSY' }
  if (status >= 400 && status < 500) return { kind: 'permanent', code: Number.isNaN(code) ? `SMS_REFUSED_${status}` : `SMS_${code}` }
  return { kind: 'temporary', code: Number.isNaN(status) ? 'SMS_UNREACHABLE' : `SMS_AWAY_${status}` }
}

function numberAt(error: unknown, key: string): number {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, key) : null
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : Number.NaN
}
