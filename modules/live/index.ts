// The door for sibling modules.
export { type ChangeNotice, type HeardChange, hear, hearableTypes } from './hearing.ts'
