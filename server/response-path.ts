import type { GraphQLResolveInfo } from 'graphql'

/** `bookAppointment` or, under an alias, the alias: where in the response a field answers. */
export function responsePath(path: GraphQLResolveInfo['path']): string {
  const own = String(path.key)
  return path.prev ? `${responsePath(path.prev)}.${own}` : own
}
