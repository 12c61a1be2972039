export { access } from './access/module.ts'
