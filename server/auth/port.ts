import { GraphQLError } from 'graphql'
import type { UserActor } from '../../modules/kernel/actor.ts'
import { DomainError } from '../../modules/kernel/errors.ts'
import { unauthenticated } from '../../schema/access.ts'
import type { AuthPort } from '../../schema/context.ts'
import type { RequestRecord } from '../operation.ts'
import { refreshCookie } from './cookies.ts'
import { hashPassword } from './passwords.ts'
import { confirmPassword, openSession, refreshSession, type SessionPorts, signIn, signOut, signOutEverywhere } from './sessions.ts'
import { assertPassword, isEmptyInstallation, setUpInstallation } from './set-up.ts'

export type AuthPortOptions = {
  readonly sessions: SessionPorts
  readonly record: RequestRecord
  readonly address: string
  readonly cookie: string | null
  readonly isSecure: boolean
  readonly setCookie: (cookie: string) => void
}

/** Sign-in as the access module sees it: answers without tokens in them, cookies set on the way. */
export function createAuthPort({ sessions, record, address, cookie, isSecure, setCookie }: AuthPortOptions): AuthPort {
  const keep = (token: string | null) => setCookie(refreshCookie(token, isSecure))
  const viewer = (): UserActor => {
    if (record.actor.kind !== 'user') throw unauthenticated()
    return record.actor
  }
  let isUsed = false
  // One entry tells of one attempt: under aliases the last one would hide the others.
  const once = () => {
    if (isUsed) throw new GraphQLError('Sign in once per request.', { extensions: { code: 'BAD_REQUEST' } })
    isUsed = true
  }
  const refused = (code: string) => {
    record.outcome = 'refused'
    record.details.add(code)
  }
  return {
    signIn: async (email, password) => {
      once()
      const { answer, refreshToken } = await signIn(sessions, record, address, email, password)
      if (refreshToken !== null) keep(refreshToken)
      return answer
    },
    refresh: async () => {
      once()
      const issued = await refreshSession(sessions, record, cookie)
      if (issued?.refreshToken) keep(issued.refreshToken)
      if (issued === null && cookie !== null) keep(null)
      if (issued === null && record.outcome !== 'denied') refused('SESSION_ENDED')
      return issued?.session ?? null
    },
    signOut: async () => {
      await signOut(sessions, viewer())
      keep(null)
    },
    signOutEverywhere: async () => {
      await signOutEverywhere(sessions, viewer())
      keep(null)
    },
    hashPassword: async (password, related) => {
      assertPassword(password, related)
      return hashPassword(password)
    },
    confirmPassword: (password) => confirmPassword(sessions, viewer(), address, password),
    isEmptyInstallation: () => isEmptyInstallation(sessions.database),
    setUp: async (input) => {
      once()
      const owner = await setUpInstallation(sessions, record, input).catch((error: unknown) => {
        if (error instanceof DomainError) refused(error.code)
        throw error
      })
      const issued = await openSession(sessions, owner.organisationId, owner.userId)
      if (!issued) throw new Error('the new owner holds no role')
      keep(issued.refreshToken)
      return issued.session
    },
  }
}
