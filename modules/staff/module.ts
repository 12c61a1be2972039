import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const staff = defineModule({
  name: 'staff',
  access,
  types: async () => {
    await import('./types.ts')
    await import('./credential-mutations.types.ts')
    await import('./attendance.types.ts')
    await import('./wellbeing.types.ts')
    await import('./tasks.types.ts')
    await import('./time-off.types.ts')
    await import('./planning.types.ts')
    await import('./roster.types.ts')
    await import('./swap.types.ts')
  },
})
