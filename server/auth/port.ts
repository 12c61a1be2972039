import type { UserActor } from '../../modules/kernel/actor.ts'
import { unauthenticated } from '../../schema/access.ts'
import type { AuthPort } from '../../schema/context.ts'
import type { RequestRecord } from '../operation.ts'
import { refreshCookie } from './cookies.ts'
import { openSession, refreshSession, type SessionPorts, signIn, signOut, signOutEverywhere } from './sessions.ts'
import { isEmptyInstallation, setUpInstallation } from './set-up.ts'

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
  return {
    signIn: async (email, password) => {
      const { answer, refreshToken } = await signIn(sessions, record, address, email, password)
      if (refreshToken !== null) keep(refreshToken)
      return answer
    },
    refresh: async () => {
      const issued = await refreshSession(sessions, record, cookie)
      if (issued?.refreshToken) keep(issued.refreshToken)
      if (issued === null && cookie !== null) keep(null)
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
    isEmptyInstallation: () => isEmptyInstallation(sessions.database),
    setUp: async (input) => {
      const owner = await setUpInstallation(sessions, record, input)
      const issued = await openSession(sessions, owner.organisationId, owner.userId)
      if (!issued) throw new Error('the new owner holds no role')
      keep(issued.refreshToken)
      return issued.session
    },
  }
}
