import { Title } from '@mantine/core'
import type { CSSProperties, ReactNode } from 'react'
import { useId } from 'react'

import classes from './Page.module.css'

type SectionProps = { as?: 'section' | 'article'; title: ReactNode; aside?: ReactNode; style?: CSSProperties; children: ReactNode }

/** A titled panel; a landmark of its own, so that a screen reader can jump to it. One of many alike is an article. */
export function Section({ as: Tag = 'section', title, aside, style, children }: SectionProps) {
  const id = useId()
  return (
    <Tag className={classes.section} style={style} aria-labelledby={id}>
      <div className={classes.sectionHeader}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside}
      </div>
      {children}
    </Tag>
  )
}
