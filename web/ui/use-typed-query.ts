import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'

/**
 * The text of a search field whose value stands in the address. Typing reaches the address after `delayMs`; when the address
 * changes by itself (Back, a link, "clear"), the field follows it.
 */
export function useTypedQuery(query: string, onSearch: (query: string) => void, delayMs: number): { text: string; type: (text: string) => void } {
  const [text, setText] = useState(query)
  const sent = useRef(query)
  const searchSoon = useDebouncedCallback((value: string) => {
    sent.current = value.trim()
    onSearch(sent.current)
  }, delayMs)
  useEffect(() => {
    // The answer to what was typed must not undo what has been typed since.
    if (query === sent.current) return
    sent.current = query
    setText(query)
  }, [query])
  return {
    text,
    type: (value) => {
      setText(value)
      searchSoon(value)
    },
  }
}
