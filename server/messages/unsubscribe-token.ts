import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { CLIENT_KINDS, type ClientKind } from '../../modules/communication/vocabulary.ts'
import { LOCALES, type Locale } from '../../modules/kernel/actor.ts'

/** What a link in a mail permits: refusing mails of a kind in the name of one client. It ends with the secret, never before. */
export type Unsubscription = {
  readonly organisationId: string
  /** The clinic that wrote, under whose name the trail keeps what is done with the link. */
  readonly clinicId: string
  readonly clientId: string
  readonly kind: ClientKind
  /** Of the mail: the page speaks it without looking anybody up. */
  readonly locale: Locale
}

const VERSION = 1
const IDS = ['organisationId', 'clinicId', 'clientId'] as const
const LENGTH = 3 + IDS.length * 16
const MAC_LENGTH = 32

/** Makes and reads the tokens of an installation, under a key that is derived from its secret. */
export class UnsubscribeTokens {
  readonly #key: Uint8Array

  constructor(secret: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), 'chiron unsubscribe links', 32))
  }

  make(permitted: Unsubscription): string {
    const body = Buffer.concat([
      Buffer.from([VERSION, CLIENT_KINDS.indexOf(permitted.kind), LOCALES.indexOf(permitted.locale)]),
      ...IDS.map((name) => Buffer.from(permitted[name].replaceAll('-', ''), 'hex')),
    ])
    return Buffer.concat([body, this.#sign(body)]).toString('base64url')
  }

  /** Null for whatever this installation has not made. */
  read(token: string): Unsubscription | null {
    const bytes = Buffer.from(token, 'base64url')
    if (bytes.length !== LENGTH + MAC_LENGTH || bytes.toString('base64url') !== token) return null
    const body = bytes.subarray(0, LENGTH)
    if (!timingSafeEqual(bytes.subarray(LENGTH), this.#sign(body))) return null
    const [version, kindPlace = -1, localePlace = -1] = body
    const [kind, locale] = [CLIENT_KINDS[kindPlace], LOCALES[localePlace]]
    if (version !== VERSION || kind === undefined || locale === undefined) return null
    const idAt = (place: number) => toUuid(body.subarray(3 + place * 16, 19 + place * 16).toString('hex'))
    return { organisationId: idAt(0), clinicId: idAt(1), clientId: idAt(2), kind, locale }
  }

  #sign(body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(body).digest()
  }
}

function toUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
