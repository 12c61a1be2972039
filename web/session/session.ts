import { useSyncExternalStore } from 'react'
import type { OperationContext } from 'urql'
import type { Failure } from '../failure.ts'
import { failureOf, refusal } from '../failure.ts'
import type { SetUpInput, SignInInput, ViewerFieldsFragment } from '../gql/graphql.ts'
import type { FragmentType } from '../gql/index.ts'
import { readFragment } from '../gql/index.ts'
import { readClinicChoice, writeClinicChoice } from './clinic-choice.ts'
import { commonHeaders, gateway } from './gateway.ts'
import { CurrentViewer, RefreshSession, SessionFields, SetUpInstallation, SignIn, SignOut, SignOutEverywhere, ViewerFields } from './session-documents.ts'

export type Notice = 'idle' | 'ended' | 'signedOut'
export type SessionState =
  | { status: 'starting' }
  | { status: 'unreachable'; failure: Failure }
  | { status: 'anonymous'; notice: Notice | null }
  | { status: 'signedIn'; viewer: ViewerFieldsFragment; idleMinutes: number }

type Renewal = 'renewed' | 'ended' | 'unreachable'

let state: SessionState = { status: 'starting' }
// In memory only: a script that reads the storage finds no token.
let access: { token: string; expiresAt: number } | null = null
let renewing: Promise<Renewal> | null = null
// A token that has just come is good for this long at least, however wrong this computer's clock is.
const LEAST_LIFETIME_MS = 60_000
// How often a session was given up here: what was asked for before must not open the screen again when it answers late.
let farewells = 0
const listeners = new Set<() => void>()
const tabs = new BroadcastChannel('chiron:session')

function publish(next: SessionState): void {
  state = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

tabs.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.data === 'idle' || event.data === 'signedOut') forget(event.data)
})

export function useSession(): SessionState {
  return useSyncExternalStore(subscribe, () => state)
}

/** The token while it is good for at least ten more seconds; null when it must be renewed first. */
export function freshToken(): string | null {
  return access !== null && access.expiresAt - Date.now() > 10_000 ? access.token : null
}

export function tokenLifetimeLeftMs(): number {
  return access === null ? 0 : access.expiresAt - Date.now()
}

/** Takes a session over. Its viewer stands in their first clinic; the one that was chosen here before is asked for. */
async function accept(masked: FragmentType<typeof SessionFields>): Promise<void> {
  const met = farewells
  const session = readFragment(SessionFields, masked)
  const first = readFragment(ViewerFields, session.viewer)
  access = { token: session.accessToken, expiresAt: Math.max(Date.parse(session.expiresAt), Date.now() + LEAST_LIFETIME_MS) }
  const viewer = (await viewerAtChosenClinic(first)) ?? first
  if (met === farewells) publish({ status: 'signedIn', viewer, idleMinutes: session.idleMinutes })
}

async function viewerAtChosenClinic(first: ViewerFieldsFragment): Promise<ViewerFieldsFragment | null> {
  const choice = readClinicChoice()
  if (choice === null || choice === first.clinic.id) return null
  const isOpen = first.clinics.some((clinic) => clinic.id === choice)
  const result = isOpen ? await gateway.query(CurrentViewer, {}, authorised()).toPromise() : null
  const viewer = result?.data?.viewer
  // The clinic was withdrawn, or cannot be loaded now: work goes on in the first one.
  if (!viewer) writeClinicChoice(null)
  return viewer ? readFragment(ViewerFields, viewer) : null
}

function authorised(): Partial<OperationContext> {
  const headers = commonHeaders()
  if (access !== null) headers.Authorization = `Bearer ${access.token}`
  return { fetchOptions: { credentials: 'same-origin', headers } }
}

function forget(notice: Notice | null): void {
  access = null
  farewells += 1
  if (state.status !== 'anonymous') publish({ status: 'anonymous', notice })
}

/** On page load: the cookie may still carry a session. */
export async function startSession(): Promise<void> {
  publish({ status: 'starting' })
  await renewSession()
}

/** Renews the access token, one tab and one request at a time: a cookie that is sent twice counts as stolen. */
export function renewSession(): Promise<Renewal> {
  renewing ??= navigator.locks.request('chiron:renew', requestRenewal).finally(() => {
    renewing = null
  })
  return renewing
}

async function requestRenewal(): Promise<Renewal> {
  const hadSession = state.status === 'signedIn'
  const met = farewells
  const result = await gateway.mutation(RefreshSession, {}).toPromise()
  if (met !== farewells) return 'ended'
  const payload = result.data?.refreshSession
  if (payload?.__typename === 'Session') {
    await accept(payload)
    return 'renewed'
  }
  const failure = payload ? refusal(payload) : result.error ? failureOf(result.error) : null
  if (failure?.kind === 'notRecorded' || failure?.kind === 'offline') {
    if (!hadSession) publish({ status: 'unreachable', failure })
    return 'unreachable'
  }
  forget(hadSession ? 'ended' : null)
  return 'ended'
}

export async function signIn(input: SignInInput): Promise<Failure | null> {
  const result = await gateway.mutation(SignIn, { input }).toPromise()
  const payload = result.data?.signIn
  if (payload?.__typename === 'Session') {
    await accept(payload)
    return null
  }
  return payload ? refusal(payload) : failureOrUnexpected(result.error)
}

export async function setUpInstallation(input: SetUpInput): Promise<Failure | null> {
  const result = await gateway.mutation(SetUpInstallation, { input }).toPromise()
  const payload = result.data?.setUpInstallation
  if (payload?.__typename === 'Session') {
    await accept(payload)
    return null
  }
  return payload ? refusal(payload) : failureOrUnexpected(result.error)
}

/** Ends the session here, or on every device. The screen is cleared even when the server cannot be reached. */
export async function signOut(notice: 'idle' | 'signedOut', everywhere = false): Promise<void> {
  const context = authorised()
  forget(notice)
  tabs.postMessage(notice)
  writeClinicChoice(null)
  if (everywhere) await gateway.mutation(SignOutEverywhere, {}, context).toPromise()
  else await gateway.mutation(SignOut, {}, context).toPromise()
}

/** Makes another clinic the active one. Rights differ by clinic, so the viewer is loaded again. */
export async function chooseClinic(clinicId: string): Promise<void> {
  writeClinicChoice(clinicId)
  await renewSession()
}

function failureOrUnexpected(error: Parameters<typeof failureOf>[0] | undefined): Failure {
  return error ? failureOf(error) : { kind: 'unexpected', requestId: null }
}
