// The door for sibling modules.
export { hear, hearableTypes } from './hearing.ts'
