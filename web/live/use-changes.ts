import { createContext, useContext, useEffect, useMemo, useRef } from 'react'

import { type ChangedType, openFeed } from './feed.ts'

type Listener = (type: ChangedType) => void
type Feed = { readonly listen: (listener: Listener) => () => void }

const FeedContext = createContext<Feed | null>(null)
export const FeedProvider = FeedContext.Provider

/** Hears of changes for as long as this person works at this clinic. */
export function useFeed(scope: string): Feed {
  const listeners = useRef(new Set<Listener>())
  useEffect(() => {
    const feed = openFeed(scope, (type) => {
      for (const listener of listeners.current) listener(type)
    })
    return feed.close
  }, [scope])
  return useMemo(
    () => ({
      listen: (listener) => {
        listeners.current.add(listener)
        return () => listeners.current.delete(listener)
      },
    }),
    [],
  )
}

/** Screens that show the same records must not all ask at the same moment. */
const JITTER_MS = 400

/** Reads again, soon, when a record of one of these types has changed somewhere, or when changes may have been missed. */
export function useChanges(types: readonly string[], refresh: () => void): void {
  const feed = useContext(FeedContext)
  const newest = useRef({ types, refresh })
  useEffect(() => {
    newest.current = { types, refresh }
  })
  useEffect(() => {
    let timer: number | null = null
    const stop = feed?.listen((type) => {
      if (timer !== null || (type !== null && !newest.current.types.includes(type))) return
      timer = window.setTimeout(() => {
        timer = null
        newest.current.refresh()
      }, Math.random() * JITTER_MS)
    })
    return () => {
      stop?.()
      if (timer !== null) window.clearTimeout(timer)
    }
  }, [feed])
}
