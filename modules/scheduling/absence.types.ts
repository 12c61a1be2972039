import type { Appointment, TimeOffRequest } from '../../prisma/client/client.ts'
import { builder } from '../../schema/builder.ts'
import type { Context } from '../../schema/context.ts'
import { commonErrors } from '../../schema/errors.ts'
import type { Interval } from '../kernel/time.ts'
import { findStaffByIds, findTimeOffByIds, OwnTimeOffError, TimeOffOverlapError } from '../staff/index.ts'
import { approveTimeOff, askForTimeOff, cancelTimeOff } from './absences.ts'
import { listAffected } from './block-queries.ts'
import { reportConflict } from './claims.ts'
import { OutsideShiftError, RequirementsNotMetError, SlotTakenError, StaffNotBookableError } from './errors.ts'
import { type AffectedVisit as AffectedVisitRow, getTimeOffImpact, listElsewhere, type TimeOffImpact as TimeOffImpactRow } from './impact.ts'
import type { Offer } from './offers.ts'
import { Shift } from './types.ts'

const ReassignmentOffer = builder.objectRef<Offer>('ReassignmentOffer').implement({
  description: 'A way to keep a visit: another person at the same time, or the same person at another one.',
  fields: (t) => ({
    staff: t.field({ type: 'StaffProfile', resolve: ({ staffId }, _args, ctx) => ctx.get(findStaffByIds, staffId) }),
    startsAt: t.expose('startsAt', { type: 'DateTime' }),
  }),
})

const AffectedVisit = builder.objectRef<AffectedVisitRow>('AffectedVisit').implement({
  fields: (t) => ({
    appointment: t.field({ type: 'Appointment', resolve: ({ appointment }) => appointment }),
    offers: t.field({
      type: [ReassignmentOffer],
      description: 'At most three: other people who are free at its time; when there is nobody, the next times of its own person within two weeks.',
      resolve: ({ offers }) => [...offers],
    }),
  }),
})

const TakenTime = builder.objectRef<Interval>('TakenTime').implement({
  description: '`[startsAt, endsAt)`, of a visit at another clinic.',
  fields: (t) => ({
    startsAt: t.field({ type: 'DateTime', resolve: ({ start }) => start }),
    endsAt: t.field({ type: 'DateTime', resolve: ({ end }) => end }),
  }),
})

const TimeOffImpact = builder.objectRef<TimeOffImpactRow>('TimeOffImpact').implement({
  description: 'What approving a request would touch.',
  fields: (t) => ({
    request: t.field({ type: 'TimeOffRequest', resolve: ({ request }) => request }),
    visits: t.field({ type: [AffectedVisit], description: 'At the active clinic, in order of time.', resolve: ({ visits }) => [...visits] }),
    elsewhere: t.field({
      type: [TakenTime],
      description: 'Visits at other clinics, which have to be moved there.',
      resolve: ({ elsewhere }) => [...elsewhere],
    }),
    shifts: t.field({ type: [Shift], description: 'Hours that the person would have worked at the active clinic.', resolve: ({ shifts }) => [...shifts] }),
    rosterShifts: t.field({
      type: ['RosterShift'],
      description: 'Shifts at the active clinic that the person would leave, in order; those of drafts for whoever manages schedules alone.',
      resolve: ({ rosterShifts }) => [...rosterShifts],
    }),
    isBeyondBalance: t.exposeBoolean('isBeyondBalance', { description: 'More than what remains of the year.' }),
  }),
})

type Decision = { readonly request: TimeOffRequest; readonly stillAffected: readonly Appointment[]; readonly elsewhere: readonly Interval[] }
const TimeOffDecision = builder.objectRef<Decision>('TimeOffDecision').implement({
  description: 'Approved time off, and what is still booked within it.',
  fields: (t) => ({
    request: t.field({ type: 'TimeOffRequest', resolve: ({ request }) => request }),
    stillAffected: t.field({
      type: ['Appointment'],
      description: 'At the active clinic, in order of time.',
      resolve: ({ stillAffected }) => [...stillAffected],
    }),
    elsewhere: t.field({ type: [TakenTime], description: 'Visits at other clinics.', resolve: ({ elsewhere }) => [...elsewhere] }),
  }),
})

builder.queryFields((t) => ({
  timeOffImpact: t.field({
    type: TimeOffImpact,
    nullable: true,
    description: 'For who decides about a request of the active clinic.',
    args: { requestId: t.arg({ type: 'UUID', required: true }) },
    resolve: async (_root, { requestId }, ctx) => {
      const request = await ctx.find(findTimeOffByIds, requestId)
      return request === null || request.clinicId !== ctx.actor.clinic.id ? null : getTimeOffImpact(ctx.db, ctx.actor, request, ctx.clock.now())
    },
  }),
}))

const RequestTimeOffInput = builder.inputType('RequestTimeOffInput', {
  fields: (t) => ({
    staffId: t.field({ type: 'UUID', description: 'Left out: the caller.' }),
    typeId: t.field({ type: 'UUID', required: true }),
    firstDay: t.field({ type: 'LocalDate', required: true }),
    lastDay: t.field({ type: 'LocalDate', required: true, description: 'Included.' }),
    start: t.field({ type: 'LocalTime', description: 'With `end`: a part of one day.' }),
    end: t.field({ type: 'LocalTime' }),
    reason: t.string({ description: 'Seen by the person and by who may see all time off of the clinic.' }),
  }),
})
const ReassignmentInput = builder.inputType('ReassignmentInput', {
  description: 'Takes a visit to somebody else, to another time, or both.',
  fields: (t) => ({
    appointmentId: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true, description: 'Of the visit.' }),
    staffId: t.field({ type: 'UUID' }),
    startsAt: t.field({ type: 'DateTime' }),
    roomId: t.field({ type: 'UUID', description: 'Left out: the same room. Null: no room.' }),
  }),
})
const ApproveTimeOffInput = builder.inputType('ApproveTimeOffInput', {
  fields: (t) => ({
    id: t.field({ type: 'UUID', required: true }),
    version: t.int({ required: true }),
    reassignments: t.field({ type: [ReassignmentInput], description: 'Needs appointment:update. All of them happen, or none and no approval.' }),
  }),
})
const CancelTimeOffInput = builder.inputType('CancelTimeOffInput', {
  fields: (t) => ({ id: t.field({ type: 'UUID', required: true }), version: t.int({ required: true }) }),
})

/** A refusal is read outside its transaction, so what it shows is noted here. */
async function noted<T>(ctx: Context, change: Promise<T>): Promise<T> {
  try {
    return await change
  } catch (error) {
    if (error instanceof SlotTakenError) reportConflict(ctx.db, error.conflict)
    throw error
  }
}

builder.mutationFields((t) => ({
  requestTimeOff: t.field({
    type: 'TimeOffRequest',
    errors: { types: [...commonErrors, TimeOffOverlapError] },
    args: { input: t.arg({ type: RequestTimeOffInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => askForTimeOff(tx, ctx.actor, input))
      return ctx.get(findTimeOffByIds, id)
    },
  }),
  approveTimeOff: t.field({
    type: TimeOffDecision,
    description:
      'Approves a request of the active clinic: the person takes no visits at that time any more, at any clinic. Visits that are not reassigned stay.',
    errors: {
      types: [...commonErrors, TimeOffOverlapError, OwnTimeOffError, SlotTakenError, OutsideShiftError, StaffNotBookableError, RequirementsNotMetError],
    },
    args: { input: t.arg({ type: ApproveTimeOffInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await noted(
        ctx,
        ctx.transact(info, input, (tx) => approveTimeOff(tx, ctx.actor, input)),
      )
      const request = await ctx.get(findTimeOffByIds, id)
      const [stillAffected, elsewhere] = await Promise.all([
        listAffected(ctx.db, ctx.actor, request.staffId, [{ start: request.startsAt, end: request.endsAt }]),
        listElsewhere(ctx.db, ctx.actor, request, ctx.clock.now()),
      ])
      return { request, stillAffected, elsewhere }
    },
  }),
  cancelTimeOff: t.field({
    type: 'TimeOffRequest',
    description:
      "Withdraws one's own request, or approved time off that has not begun; with the right over all, any of the active clinic. Moved visits stay moved.",
    errors: { types: commonErrors },
    args: { input: t.arg({ type: CancelTimeOffInput, required: true }) },
    resolve: async (_root, { input }, ctx, info) => {
      const { id } = await ctx.transact(info, input, (tx) => cancelTimeOff(tx, ctx.actor, input))
      return ctx.get(findTimeOffByIds, id)
    },
  }),
}))
