import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const notes = defineModule({ name: 'notes', access, types: () => import('./types.ts') })
