import { Client, type CombinedError, fetchExchange } from 'urql'

import { commonHeaders } from '../session/gateway.ts'
import { persisted } from '../session/persisted.ts'
import { freshToken, renewSession } from '../session/session.ts'
import { Changes } from './live-documents.ts'

/** A record type that changed; null: anything may have. */
export type ChangedType = string | null

const NO_TOKEN_MS = 2_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
// The session has ended, or the clinic was withdrawn: renewing settles both, or leads to the sign-in.
const LOST_FOOTING = new Set(['UNAUTHENTICATED', 'CLINIC_OUT_OF_REACH'])

// A client of its own: a stream has nothing to cache, and repeats itself by other rules than a query.
const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
  fetchSubscriptions: true,
  fetchOptions: () => {
    const token = freshToken()
    return { credentials: 'same-origin', headers: { ...commonHeaders(), ...(token === null ? {} : { Authorization: `Bearer ${token}` }) } }
  },
  exchanges: [persisted, fetchExchange],
})

/**
 * Hears of changes until `close` is called. Tabs of one person at one clinic share one stream, since browsers open few connections to a
 * server: the tab that holds the lock listens and tells the others; when it closes, the next one takes over.
 */
export function openFeed(scope: string, deliver: (type: ChangedType) => void): { close: () => void } {
  const name = `chiron:live:${scope}`
  const closing = new AbortController()
  const tabs = new BroadcastChannel(name)
  tabs.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.data === null || typeof event.data === 'string') deliver(event.data)
  })
  const tell = (type: ChangedType) => {
    if (closing.signal.aborted) return
    deliver(type)
    tabs.postMessage(type)
  }
  navigator.locks
    .request(name, { signal: closing.signal }, () => listen(tell, closing.signal))
    // Closed while another tab still listens.
    .catch((error: unknown) => {
      if (!closing.signal.aborted) throw error
    })
  return {
    close: () => {
      closing.abort()
      tabs.close()
    },
  }
}

/** One stream after another, with growing pauses while none opens. */
async function listen(tell: (type: ChangedType) => void, signal: AbortSignal): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS
  while (!signal.aborted) {
    // Nobody works here: to ask for a new token would keep the session alive.
    if (freshToken() === null) {
      await pause(NO_TOKEN_MS, signal)
      continue
    }
    const { wasOpen, code } = await listenOnce(tell, signal)
    if (signal.aborted) return
    if (code !== null && LOST_FOOTING.has(code)) await renewSession()
    pauseMs = wasOpen ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
    // Everybody lost the same server at the same moment.
    await pause(pauseMs * (0.5 + Math.random()), signal)
  }
}

type Ending = { readonly wasOpen: boolean; readonly code: string | null }

function listenOnce(tell: (type: ChangedType) => void, signal: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    let wasOpen = false
    const end = (code: string | null) => {
      // Not while it hands over an answer: what it was reading would then fail where nobody takes the failure.
      window.setTimeout(() => stream.unsubscribe(), 0)
      signal.removeEventListener('abort', stop)
      window.removeEventListener('online', stop)
      resolve({ wasOpen, code })
    }
    const stop = () => end(null)
    const stream = client.subscription(Changes, {}).subscribe(({ data, error, hasNext }) => {
      if (error) end(codeOf(error))
      else if (!hasNext || !data) end(null)
      else {
        wasOpen = true
        tell(data.changes.isResync ? null : data.changes.type)
      }
    })
    signal.addEventListener('abort', stop)
    // The network came back: the old connection may be dead without knowing.
    window.addEventListener('online', stop)
  })
}

function codeOf(error: CombinedError): string | null {
  const code: unknown = error.graphQLErrors[0]?.extensions.code
  return typeof code === 'string' ? code : null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = window.setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
