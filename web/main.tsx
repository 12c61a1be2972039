import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './ui/base.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './App.tsx'
import { startLanguage } from './i18n.ts'
import { startSession } from './session/session.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root element')

await startLanguage()
void startSession()
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
