import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useEffect } from 'react'

import classes from './Page.module.css'

type PageProps = { title: string; documentTitle?: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode }

/** The frame of a screen: its one h1, what can be done, and the content. */
export function Page({ title, documentTitle, lead, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${documentTitle ?? title} · Chiron`
  }, [title, documentTitle])
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <div className={classes.heading}>
          <Title order={1}>{title}</Title>
          {lead !== undefined && <div className={classes.lead}>{lead}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
