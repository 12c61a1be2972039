import { defineModule } from '../kernel/define-module.ts'
import { access as table } from './access.ts'

export const access = defineModule({ name: 'access', access: table, types: () => import('./types.ts') })
