// Before the first paint, so that a dark screen does not flash white. A file, because the content security policy forbids inline scripts.
;(() => {
  let stored = null
  try {
    stored = window.localStorage.getItem('mantine-color-scheme-value')
  } catch {
    // Storage is switched off: the system's scheme decides.
  }
  const isDark = stored === 'dark' || (stored !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', isDark ? 'dark' : 'light')
})()
