import type { AnchorProps } from '@mantine/core'
import { Anchor } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, Ref } from 'react'

type TextAnchorProps = AnchorProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> & { ref?: Ref<HTMLAnchorElement> }

function TextAnchor(props: TextAnchorProps) {
  return <Anchor {...props} />
}

/** A link inside text to another screen, with the route's typed parameters. */
export const TextLink = createLink(TextAnchor)
