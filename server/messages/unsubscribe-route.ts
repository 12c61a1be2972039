import { refuseMessages } from '../../modules/communication/preferences.ts'
import { escapeHtml } from '../../modules/communication/rendering.ts'
import { CLIENT_KINDS } from '../../modules/communication/vocabulary.ts'
import { type Locale, type SystemActor, toLocale } from '../../modules/kernel/actor.ts'
import { NotFoundError } from '../../modules/kernel/errors.ts'
import type { Clock } from '../../modules/kernel/time.ts'
import { scopeOf } from '../build-context.ts'
import type { Database } from '../db.ts'
import { type Answer, type Exchange, problem, readBody } from '../http.ts'
import { loadJobActor } from '../jobs/job-actor.ts'
import { transact } from '../transact.ts'
import { textsIn } from './message-texts.ts'
import type { UnsubscribeTokens, Unsubscription } from './unsubscribe-token.ts'

export type UnsubscribePorts = { readonly database: Database; readonly clock: Clock; readonly tokens: UnsubscribeTokens }

export const UNSUBSCRIBE_PATH = '/unsubscribe'
/** As the trail names who did it: the link, which is all that is known of the person. */
const ACTOR_NAME = 'unsubscribe link'

/**
 * `GET /unsubscribe?token=…` shows what the link is for and changes nothing, because mail scanners open every link. `POST` does it: the
 * button of the page, or the one of the mail program (RFC 8058), which sends no form of ours and means this kind of mail. It is repeated
 * without harm, and recorded like every other change.
 */
export async function answerUnsubscribe(ports: UnsubscribePorts, exchange: Exchange): Promise<Answer> {
  const { request, url } = exchange
  if (request.method !== 'GET' && request.method !== 'POST')
    return { ...problem(405, 'METHOD_NOT_ALLOWED', 'Use GET or POST.'), headers: { Allow: 'GET, POST' } }
  const token = url.searchParams.get('token') ?? ''
  const permitted = ports.tokens.read(token)
  const actor = permitted && (await loadJobActor(ports.database, permitted, ACTOR_NAME))
  if (!actor) return invalidPage(toLocale(request.headers['accept-language']))
  if (request.method === 'GET') return askPage(permitted, actor, token)
  const body = await readBody(request)
  const form = new URLSearchParams(body === null ? '' : Buffer.from(body).toString('utf8'))
  try {
    await refuse(ports, exchange, { actor, permitted, isAll: form.get('scope') === 'all' })
  } catch (error) {
    if (error instanceof NotFoundError) return invalidPage(permitted.locale)
    throw error
  }
  return donePage(permitted, actor)
}

type Refusal = { readonly actor: SystemActor; readonly permitted: Unsubscription; readonly isAll: boolean }

async function refuse({ database, clock }: UnsubscribePorts, { request, requestId, address }: Exchange, { actor, permitted, isAll }: Refusal): Promise<void> {
  const operation = {
    requestId,
    actor,
    origin: 'web' as const,
    name: 'unsubscribe',
    address,
    userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
    documentHash: null,
    action: 'update' as const,
  }
  const refused = { clientId: permitted.clientId, channel: 'mail', kinds: isAll ? CLIENT_KINDS : [permitted.kind] } as const
  await transact<null>({ database, scope: scopeOf(actor), operation, clock, classes: ['personal'] }, (tx) => refuseMessages(tx, actor, refused))
}

async function askPage({ locale, kind }: Unsubscription, { clinic }: SystemActor, token: string): Promise<Answer> {
  const t = await textsIn(locale)
  const button = (scope: string, label: string) => `<p><button name="scope" value="${scope}">${escapeHtml(label)}</button></p>`
  return page(locale, 200, t('unsubscribe.title', { clinic: clinic.name }), [
    `<p>${escapeHtml(t('unsubscribe.ask', { clinic: clinic.name }))}</p>`,
    `<p><strong>${escapeHtml(t(`unsubscribe.kinds.${kind}`))}</strong></p>`,
    `<form method="post" action="${UNSUBSCRIBE_PATH}?token=${token}">`,
    button('kind', t('unsubscribe.this')),
    button('all', t('unsubscribe.all')),
    '</form>',
  ])
}

async function donePage({ locale }: Unsubscription, { clinic }: SystemActor): Promise<Answer> {
  const t = await textsIn(locale)
  const said = [t('unsubscribe.done'), t('unsubscribe.mind')].map((text) => `<p>${escapeHtml(text)}</p>`)
  return page(locale, 200, t('unsubscribe.title', { clinic: clinic.name }), said)
}

async function invalidPage(locale: Locale): Promise<Answer> {
  const t = await textsIn(locale)
  return page(locale, 404, 'Chiron', [`<p>${escapeHtml(t('unsubscribe.invalid'))}</p>`])
}

/** A page that needs nothing else: people come from a mail, with whatever browser opens there. */
function page(locale: Locale, status: number, title: string, content: readonly string[]): Answer {
  const body = [
    '<!doctype html>',
    `<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">`,
    `<title>${escapeHtml(title)}</title>`,
    '<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}button{font:inherit;padding:.6rem 1rem;min-width:16rem}</style>',
    `</head><body><main><h1>${escapeHtml(title)}</h1>`,
    ...content,
    '</main></body></html>',
  ]
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }, body: body.join('\n') }
}
