import { useEffect } from 'react'

import { renewSession, signOut, tokenLifetimeLeftMs } from './session.ts'

const LAST_ACTIVITY = 'chiron:last-activity'
const CHECK_EVERY_MS = 15_000

/**
 * Ends the session after `idleMinutes` without a key or pointer in any tab. Typing counts as activity although it sends
 * nothing, so an active person's session is renewed before the server would call it idle.
 */
export function useIdleLock(idleMinutes: number): void {
  useEffect(() => {
    let last = Date.now()
    const touch = () => {
      const now = Date.now()
      if (now - last < 1_000) return
      last = now
      shareActivity(now)
    }
    const check = () => {
      const newest = Math.max(last, sharedActivity())
      const idleMs = Date.now() - newest
      if (idleMs >= idleMinutes * 60_000) void signOut('idle')
      else if (idleMs < CHECK_EVERY_MS * 2 && tokenLifetimeLeftMs() < idleMinutes * 40_000) void renewSession()
    }
    shareActivity(last)
    const timer = window.setInterval(check, CHECK_EVERY_MS)
    // A laptop that was asleep must not show a record before the first tick.
    document.addEventListener('visibilitychange', check)
    const events = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const
    for (const name of events) window.addEventListener(name, touch, { passive: true })
    return () => {
      window.clearInterval(timer)
      document.removeEventListener('visibilitychange', check)
      for (const name of events) window.removeEventListener(name, touch)
    }
  }, [idleMinutes])
}

function shareActivity(at: number): void {
  try {
    window.localStorage.setItem(LAST_ACTIVITY, String(at))
  } catch {
    // Storage is switched off: each tab counts for itself.
  }
}

function sharedActivity(): number {
  try {
    return Number(window.localStorage.getItem(LAST_ACTIVITY) ?? 0)
  } catch {
    return 0
  }
}
