import { defineModule } from '../kernel/define-module.ts'
import { access } from './access.ts'

export const scheduling = defineModule({
  name: 'scheduling',
  access,
  types: async () => {
    for (const load of [
      () => import('./types.ts'),
      () => import('./mutation.types.ts'),
      () => import('./slots.types.ts'),
      () => import('./range.types.ts'),
      () => import('./block.types.ts'),
      () => import('./absence.types.ts'),
      () => import('./series.types.ts'),
      () => import('./waitlist.types.ts'),
      () => import('./requests.types.ts'),
      () => import('./public-booking.types.ts'),
    ])
      await load()
  },
})
