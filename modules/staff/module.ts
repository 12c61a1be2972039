import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const staff = defineModule({ name: 'staff', access, types: () => import('./types.ts').then(() => import('./time-off.types.ts')) })
