import { builder } from '../../schema/builder.ts'
import type { IssuedSession } from '../../schema/context.ts'
import { commonErrors, ErrorInterface } from '../../schema/errors.ts'
import { offsetPage } from '../../schema/paging.ts'
import { type ActorClinic, toLocale, type UserActor } from '../kernel/actor.ts'
import { InvalidInputError, WrongStateError } from '../kernel/errors.ts'
import { fromDateColumn } from '../kernel/time.ts'
import { assignRole, changePassword, createUser, endRoleAssignment, readLocale, setLocale, setRolePermission, setUserActive } from './commands.ts'
import { SessionEndedError, SignInRefusedError, TooManyAttemptsError } from './errors.ts'
import {
  findClinicsByIds,
  findRolesByIds,
  findUsersByIds,
  listAssignmentsByUser,
  listCountryPresets,
  listRoles,
  listUsers,
  type RoleRow,
  type UserRow,
} from './queries.ts'

builder.objectType(SignInRefusedError, { name: 'SignInRefused', interfaces: [ErrorInterface] })
builder.objectType(TooManyAttemptsError, { name: 'TooManyAttempts', interfaces: [ErrorInterface] })
builder.objectType(SessionEndedError, { name: 'SessionEnded', interfaces: [ErrorInterface] })

builder.objectRef<ActorClinic>('Clinic').implement({
  description: 'A place of work with its own zone, currency and books.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    name: t.exposeString('name'),
    countryCode: t.exposeString('countryCode', { description: 'ISO 3166-1 alpha-2.' }),
    timeZone: t.exposeString('timeZone', { description: 'IANA zone in which practice days are counted.' }),
    currency: t.exposeString('currency', { description: 'ISO 4217.' }),
    locale: t.exposeString('locale'),
    opensMinute: t.exposeInt('opensMinute', { description: 'Minutes after local midnight.' }),
    closesMinute: t.exposeInt('closesMinute', { description: 'Minutes after local midnight.' }),
  }),
})

const ViewerUser = builder.objectRef<UserActor>('ViewerUser').implement({
  fields: (t) => ({
    id: t.field({ type: 'UUID', resolve: (viewer) => viewer.userId }),
    name: t.exposeString('userName'),
    locale: t.exposeString('locale'),
  }),
})

const Viewer = builder.objectRef<UserActor>('Viewer').implement({
  description: 'The caller at the active clinic.',
  fields: (t) => ({
    user: t.field({ type: ViewerUser, resolve: (viewer) => viewer }),
    clinic: t.field({ type: 'Clinic', resolve: (viewer) => viewer.clinic }),
    clinics: t.field({ type: ['Clinic'], description: 'Clinics at which the caller holds a role today.', resolve: (viewer) => [...viewer.clinics] }),
    staffId: t.field({ type: 'UUID', nullable: true, resolve: (viewer) => viewer.staffId }),
    roles: t.stringList({ resolve: (viewer) => [...viewer.roles] }),
    permissions: t.stringList({
      description: 'Rights at the active clinic, as `resource:verb`.',
      resolve: (viewer) => [...viewer.rights].flatMap(([permission, reach]) => (reach === 'all' ? [permission] : [])).sort(),
    }),
    ownPermissions: t.stringList({
      description: "Rights that reach the caller's own records alone.",
      resolve: (viewer) => [...viewer.rights].flatMap(([permission, reach]) => (reach === 'own' ? [permission] : [])).sort(),
    }),
    isClinical: t.exposeBoolean('isClinical'),
  }),
})

const Session = builder.objectRef<IssuedSession>('Session').implement({
  description: 'An opened session. The refresh token travels in an httpOnly cookie.',
  fields: (t) => ({
    accessToken: t.exposeString('accessToken', { description: 'For the Authorization header; keep it in memory only.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime' }),
    idleMinutes: t.exposeInt('idleMinutes', { description: 'Minutes without an operation after which the session ends.' }),
    viewer: t.field({ type: Viewer, resolve: (session) => session.viewer }),
  }),
})

const SignedOut = builder.objectRef<{ everywhere: boolean }>('SignedOut').implement({ fields: (t) => ({ everywhere: t.exposeBoolean('everywhere') }) })

const CountryPreset = builder.prismaObject('CountryPreset', {
  description: 'What a new clinic of a country starts with.',
  fields: (t) => ({
    code: t.exposeString('code'),
    currency: t.exposeString('currency'),
    timeZone: t.exposeString('timeZone'),
    locale: t.exposeString('locale'),
    taxName: t.exposeString('taxName'),
    standardTaxRate: t.field({ type: 'Decimal', resolve: (preset) => preset.standardTaxRate.toString() }),
  }),
})

const Role = builder.objectRef<RoleRow>('Role').implement({
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    code: t.exposeString('code'),
    name: t.exposeString('name', { nullable: true, description: 'Null for the default roles, whose names follow from the code.' }),
    isClinical: t.exposeBoolean('isClinical', { description: 'Carriers may read internal notes.' }),
    permissions: t.stringList({ resolve: (role) => [...role.permissions] }),
    denied: t.stringList({ resolve: (role) => [...role.denied] }),
  }),
})

const RoleAssignment = builder.prismaObject('RoleAssignment', {
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    role: t.field({ type: Role, resolve: (assignment, _args, ctx) => ctx.get(findRolesByIds, assignment.roleId) }),
    clinic: t.field({
      type: 'Clinic',
      nullable: true,
      description: 'Null: at every clinic.',
      resolve: (assignment, _args, ctx) => (assignment.clinicId === null ? null : ctx.find(findClinicsByIds, assignment.clinicId)),
    }),
    validFrom: t.field({ type: 'LocalDate', resolve: (assignment) => fromDateColumn(assignment.validFrom) }),
    validUntil: t.field({
      type: 'LocalDate',
      nullable: true,
      description: 'First day on which it no longer applies.',
      resolve: (assignment) => assignment.validUntil && fromDateColumn(assignment.validUntil),
    }),
  }),
})

builder.objectRef<UserRow>('User').implement({
  description: 'A person who can sign in.',
  fields: (t) => ({
    id: t.expose('id', { type: 'UUID' }),
    name: t.exposeString('name'),
    email: t.exposeString('email'),
    locale: t.exposeString('locale'),
    isActive: t.exposeBoolean('isActive'),
    version: t.exposeInt('version'),
    assignments: t.field({ type: [RoleAssignment], resolve: async (user, _args, ctx) => [...(await ctx.many(listAssignmentsByUser, user.id))] }),
  }),
})

builder.queryFields((t) => ({
  viewer: t.field({
    type: Viewer,
    nullable: true,
    description: 'The caller; null for nobody.',
    resolve: (_root, _args, ctx) => (ctx.caller.kind === 'user' ? ctx.caller : null),
  }),
  setupRequired: t.boolean({ description: 'True while the installation has no organisation.', resolve: (_root, _args, ctx) => ctx.auth.isEmptyInstallation() }),
  countryPresets: t.field({ type: [CountryPreset], resolve: (_root, _args, ctx) => listCountryPresets(ctx.db) }),
  roles: t.field({ type: [Role], resolve: (_root, _args, ctx) => listRoles(ctx.db, ctx.actor) }),
  users: t.connection({ type: 'User', resolve: (_root, args, ctx) => offsetPage(args, (page) => listUsers(ctx.db, ctx.actor, page)) }),
}))

const SignInInput = builder.inputType('SignInInput', { fields: (t) => ({ email: t.string({ required: true }), password: t.string({ required: true }) }) })

const SetUpInput = builder.inputType('SetUpInput', {
  fields: (t) => ({
    organisationName: t.string({ required: true }),
    clinicName: t.string({ required: true }),
    countryCode: t.string({ required: true }),
    timeZone: t.string({ required: true }),
    currency: t.string({ required: true }),
    locale: t.string({ required: true }),
    ownerName: t.string({ required: true }),
    ownerEmail: t.string({ required: true }),
    password: t.string({ required: true, description: 'At least 12 characters.' }),
  }),
})

builder.mutationFields((t) => ({
  signIn: t.field({
    type: Session,
    errors: { types: [InvalidInputError, SignInRefusedError, TooManyAttemptsError] },
    args: { input: t.arg({ type: SignInInput, required: true }) },
    resolve: async (_root, { input }, ctx) => {
      const answer = await ctx.auth.signIn(input.email, input.password)
      if (answer.kind === 'too-many') throw new TooManyAttemptsError(answer.retryAfterSeconds)
      if (answer.kind === 'refused') throw new SignInRefusedError()
      return answer.session
    },
  }),
  refreshSession: t.field({
    type: Session,
    description: 'Renews the session behind the refresh cookie and rotates the cookie.',
    errors: { types: [SessionEndedError] },
    resolve: async (_root, _args, ctx) => {
      const session = await ctx.auth.refresh()
      if (!session) throw new SessionEndedError()
      return session
    },
  }),
  signOut: t.field({
    type: SignedOut,
    resolve: async (_root, _args, ctx) => {
      await ctx.auth.signOut()
      return { everywhere: false }
    },
  }),
  signOutEverywhere: t.field({
    type: SignedOut,
    description: 'Ends every session of the caller.',
    resolve: async (_root, _args, ctx) => {
      await ctx.auth.signOutEverywhere()
      return { everywhere: true }
    },
  }),
  setUpInstallation: t.field({
    type: Session,
    description: 'Creates the first organisation, its clinic and the owner. Refused once there is one.',
    errors: { types: [InvalidInputError, WrongStateError] },
    args: { input: t.arg({ type: SetUpInput, required: true }) },
    resolve: (_root, { input }, ctx) => ctx.auth.setUp(input),
  }),
}))

const AssignRoleInput = builder.inputType('AssignRoleInput', {
  fields: (t) => ({
    userId: t.field({ type: 'UUID', required: true }),
    roleCode: t.string({ required: true }),
    clinicId: t.field({ type: 'UUID', description: 'Left out: at every clinic.' }),
    validFrom: t.field({ type: 'LocalDate', description: 'Left out: today.' }),
    validUntil: t.field({ type: 'LocalDate' }),
  }),
})
const EndRoleAssignmentInput = builder.inputType('EndRoleAssignmentInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), validUntil: t.field({ type: 'LocalDate', description: 'Left out: today.' }) }),
})
const PermissionEffect = builder.enumType('PermissionEffect', {
  values: { ALLOW: { value: 'allow' }, DENY: { value: 'deny' }, NONE: { value: 'none' } } as const,
})
const SetRolePermissionInput = builder.inputType('SetRolePermissionInput', {
  fields: (t) => ({
    roleCode: t.string({ required: true }),
    permission: t.string({ required: true }),
    effect: t.field({ type: PermissionEffect, required: true }),
  }),
})
const SetUserActiveInput = builder.inputType('SetUserActiveInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }), isActive: t.boolean({ required: true }) }),
})
const CreateUserInput = builder.inputType('CreateUserInput', {
  fields: (t) => ({
    name: t.string({ required: true }),
    email: t.string({ required: true }),
    locale: t.string({ required: true, description: 'es-MX or en.' }),
    password: t.string({ required: true, description: 'A first password of at least 12 characters, which the person then changes.' }),
  }),
})
const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  fields: (t) => ({ currentPassword: t.string({ required: true }), newPassword: t.string({ required: true, description: 'At least 12 characters.' }) }),
})
const SetLocaleInput = builder.inputType('SetLocaleInput', { fields: (t) => ({ locale: t.string({ required: true }) }) })

builder.mutationFields((t) => ({
  assignRole: t.field({
    type: 'User',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: AssignRoleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { userId } = await ctx.transact(info, input, (tx) => assignRole(tx, ctx.actor, input))
      return ctx.get(findUsersByIds, userId)
    },
  }),
  endRoleAssignment: t.field({
    type: 'User',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: EndRoleAssignmentInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { userId } = await ctx.transact(info, input, (tx) => endRoleAssignment(tx, ctx.actor, input))
      return ctx.get(findUsersByIds, userId)
    },
  }),
  setRolePermission: t.field({
    type: Role,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetRolePermissionInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => setRolePermission(tx, ctx.actor, input))
      return ctx.get(findRolesByIds, id)
    },
  }),
  setUserActive: t.field({
    type: 'User',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetUserActiveInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => setUserActive(tx, ctx.actor, input))
      return ctx.get(findUsersByIds, id)
    },
  }),
  createUser: t.field({
    type: 'User',
    description: 'A person who can sign in, without a role yet: assignRole gives the first one.',
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CreateUserInput, required: true }) },
    resolve: async (_root, { input: { password, ...person } }, ctx, info) => {
      const passwordHash = await ctx.auth.hashPassword(password, [person.name, person.email.split('@')[0] ?? ''])
      // What the key stands for leaves the password out: its hash is stored.
      const { id } = await ctx.transact(info, person, (tx) => createUser(tx, ctx.actor, { ...person, locale: readLocale(person.locale), passwordHash }))
      return ctx.get(findUsersByIds, id)
    },
  }),
  changePassword: t.field({
    type: ViewerUser,
    description: "Replaces the caller's own password and ends their other sessions.",
    errors: { types: commonErrors },
    args: { input: t.arg({ type: ChangePasswordInput, required: true }) },
    resolve: async (_root, { input: { currentPassword, newPassword } }, ctx, info) => {
      await ctx.auth.confirmPassword(currentPassword)
      const passwordHash = await ctx.auth.hashPassword(newPassword, [ctx.actor.userName])
      await ctx.transact(info, null, (tx) => changePassword(tx, ctx.actor, { passwordHash }))
      return ctx.actor
    },
  }),
  setLocale: t.field({
    type: ViewerUser,
    errors: { types: commonErrors },
    args: { input: t.arg({ type: SetLocaleInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      await ctx.transact(info, input, (tx) => setLocale(tx, ctx.actor, input))
      return { ...ctx.actor, locale: toLocale(input.locale) }
    },
  }),
}))
