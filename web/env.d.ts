/// <reference types="vite/client" />
import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Colour of an appointment type, which the clinic chooses. */
    '--type'?: string
  }
}
