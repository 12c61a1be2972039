import { defineModule } from '../kernel/define-module.ts'
import { access as table } from './access.ts'

export const reporting = defineModule({ name: 'reporting', access: table, types: () => import('./types.ts') })
