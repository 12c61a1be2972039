import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import type { AnyVariables, UseQueryArgs, UseQueryResponse } from 'urql'
import { useQuery } from 'urql'

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

/**
 * A query that is read again, soon, when a record of one of these types has changed somewhere, or when changes may have been missed. While an
 * answer is under way a change waits for that, and a failure stays until the next answer, unless somebody asks again: where much changes,
 * a server that fails would otherwise look like one that is slow.
 */
export function useLiveQuery<Data, Variables extends AnyVariables>(
  types: readonly string[],
  args: UseQueryArgs<Variables, Data>,
): UseQueryResponse<Data, Variables> {
  const [result, read] = useQuery(args)
  const { fetching, error } = result
  const { pause = false } = args
  const isOutdated = useRef(false)
  const [failed, setFailed] = useState<{ read: typeof read; result: typeof result } | null>(null)
  useChanges(types, () => {
    if (pause) return
    isOutdated.current = fetching
    if (!fetching) read({ requestPolicy: 'network-only' })
  })
  useEffect(() => {
    if (fetching) return
    setFailed(error ? { read, result } : null)
    if (isOutdated.current && !pause) read({ requestPolicy: 'network-only' })
    isOutdated.current = false
  }, [fetching, error, result, read, pause])
  const retry: typeof read = useCallback(
    (options) => {
      setFailed(null)
      read(options)
    },
    [read],
  )
  return [fetching && failed?.read === read ? failed.result : result, retry]
}

/** Calls when a record of one of these types has changed somewhere. */
function useChanges(types: readonly string[], refresh: () => void): void {
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
