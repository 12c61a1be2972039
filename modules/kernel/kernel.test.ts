import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type AccessRow, allows, anyone, can, canOwn, clinicalCan, creates, deletes, reads, signedIn, updates } from './access-rules.ts'
import { type Actor, holds, toLocale, type UserActor } from './actor.ts'
import {
  type DomainError,
  IdempotencyMismatchError,
  InvalidInputError,
  invalid,
  NotFoundError,
  NotPermittedError,
  StaleVersionError,
  WrongStateError,
} from './errors.ts'
import { isUuid, newId } from './ids.ts'
import { isPermission, type Permission } from './permissions.ts'
import { decimal, line, positiveDecimal, text, validate } from './validate.ts'
import { violation } from './violation.ts'

const clinic = { id: 'c', name: 'Centro', timeZone: 'UTC', currency: 'MXN', countryCode: 'MX', locale: 'es-MX', opensMinute: 0, closesMinute: 1440 } as const
const user = (isClinical: boolean, ...rights: [Permission, 'all' | 'own'][]): UserActor => ({
  kind: 'user',
  userId: 'u',
  userName: 'Ana',
  sessionId: 's',
  organisationId: 'o',
  clinic,
  clinics: [clinic],
  sharePatients: true,
  staffId: null,
  roles: [],
  isClinical,
  rights: new Map(rights),
  rightsEverywhere: new Map(),
  locale: 'en',
})
const nobody: Actor = { kind: 'anonymous', locale: 'en' }
const system: Actor = { kind: 'system', name: 'job', organisationId: 'o', clinic, sharePatients: true, staffId: null, locale: 'en' }

describe('access rules', () => {
  const reader = user(false, ['patient:read', 'all'])
  const owner = user(false, ['patient:read', 'own'])
  const vet = user(true, ['medical-record:read', 'all'])
  const clerk = user(false, ['medical-record:read', 'all'])
  it.each([
    ['anyone', anyone, [true, true, true, true, true, true]],
    ['signed in', signedIn, [false, true, true, true, true, true]],
    ['a right', can('patient:read'), [false, true, false, false, false, true]],
    ['a right over own records', canOwn('patient:read'), [false, true, true, false, false, true]],
    ['a clinical right', clinicalCan('medical-record:read'), [false, false, false, true, false, true]],
  ] as const)('%s', (_rule, rule, expected) => {
    expect([nobody, reader, owner, vet, clerk, system].map((actor) => allows(rule, actor))).toEqual(expected)
  })

  it('a right over own records is not the right over all', () => {
    expect([holds(owner, 'patient:read'), holds(reader, 'patient:read'), holds(nobody, 'patient:read')]).toEqual([false, true, false])
  })

  it('say what the trail records', () => {
    const rows: AccessRow['audit'][] = [reads('A'), creates('A', 'medical'), updates('A'), deletes('A', 'financial')]
    expect(rows.map(({ action, types, class: dataClass }) => [action, types[0], dataClass])).toEqual([
      ['read', 'A', 'personal'],
      ['create', 'A', 'medical'],
      ['update', 'A', 'personal'],
      ['delete', 'A', 'financial'],
    ])
  })

  it('know the rights of this version', () => {
    expect([isPermission('patient:read'), isPermission('patient:fly'), isPermission('constructor')]).toEqual([true, false, false])
  })

  it.each([
    ['en-GB', 'en'],
    ['EN', 'en'],
    ['es', 'es-MX'],
    ['fr', 'es-MX'],
    [null, 'es-MX'],
    [undefined, 'es-MX'],
  ])('reads the language %s as %s', (tag, locale) => {
    expect(toLocale(tag)).toBe(locale)
  })
})

describe('ids', () => {
  it('are UUIDv7 that carry their instant and sort by it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), (now) => {
        const id = newId(now)
        expect(isUuid(id)).toBe(true)
        expect(id).toMatch(/^.{14}7.{4}[89ab]/)
        expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(now)
        expect(newId(now + 1) > id).toBe(true)
      }),
    )
    expect(new Set(Array.from({ length: 1_000 }, () => newId(0)))).toHaveLength(1_000)
  })

  it.each([
    '',
    'x',
    '01900000-0000-7000-8000-00000000000G',
    '01900000-0000-7000-8000-00000000000A',
    '0190000000007000800000000000000a',
    "01900000-0000-7000-8000-000000000000'",
  ])('"%s" is none', (other) => {
    expect(isUuid(other)).toBe(false)
  })
})

describe('validation', () => {
  it('names every path and rule', () => {
    const schema = z.object({ name: line(5), lines: z.array(z.object({ quantity: positiveDecimal })) })
    expect(validate(schema, { name: ' Ana ', lines: [] })).toEqual({ name: 'Ana', lines: [] })
    try {
      validate(schema, { name: '', lines: [{ quantity: '0' }] })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputError)
      expect((error as InvalidInputError).issues.map(({ path, rule }) => [path, rule])).toEqual([
        ['name', 'too_small'],
        ['lines.0.quantity', 'custom'],
      ])
    }
  })

  it.each([
    [line(10), 'two\nlines', false],
    [line(10), 'a tab\tis', true],
    [text(20), 'two\nlines', true],
    [text(20), 'nul\u0000', false],
    [text(20), 'bell\u0007', false],
    [text(20), 'return\r', true],
    [text(20), 're\rturn', false],
    [text(20), 'half \ud800', false],
    [text(3), 'four', false],
    [text(3), ' ', false],
    [decimal, '-1.5', true],
    [decimal, '1.1234567', false],
    [decimal, '1e5', false],
    [positiveDecimal, '0.000001', true],
    [positiveDecimal, '-1', false],
  ])('case %#', (schema, value, expected) => {
    expect(schema.safeParse(value).success).toBe(expected)
  })
})

describe('errors', () => {
  it('carry a code, a message that helps, and values', () => {
    const errors: DomainError[] = [
      new NotFoundError('Patient'),
      new StaleVersionError('Patient', 4),
      new WrongStateError('Appointment', 'cancelled', 'completed'),
      new NotPermittedError('No.', 'own'),
      new IdempotencyMismatchError(),
      invalid('name', 'too_big', 'is too long'),
      new InvalidInputError([]),
    ]
    expect(errors.map(({ code }) => code)).toEqual([
      'NOT_FOUND',
      'STALE_VERSION',
      'WRONG_STATE',
      'NOT_PERMITTED',
      'IDEMPOTENCY_MISMATCH',
      'INVALID_INPUT',
      'INVALID_INPUT',
    ])
    expect(errors.map(({ name }) => name)).toEqual([
      'NotFoundError',
      'StaleVersionError',
      'WrongStateError',
      'NotPermittedError',
      'IdempotencyMismatchError',
      'InvalidInputError',
      'InvalidInputError',
    ])
    expect(errors[1]?.params).toEqual({ type: 'Patient', current: 4 })
    expect(errors[5]?.message).toBe('name: is too long')
    for (const { message } of errors) expect(message.length).toBeGreaterThan(2)
  })
})

describe('violation', () => {
  it.each([
    ['an error of pg', { code: '23505', constraint: 'app_user_email_key', message: 'duplicate key' }, { code: '23505', constraint: 'app_user_email_key' }],
    [
      'an error of Prisma around it',
      {
        code: 'P2002',
        meta: {
          driverAdapterError: { cause: { originalCode: '23P01', originalMessage: 'conflicting key value violates exclusion constraint "x_no_overlap"' } },
        },
      },
      { code: '23P01', constraint: 'x_no_overlap' },
    ],
    [
      'a rule of a trigger',
      { cause: { originalCode: '23000', originalMessage: 'NOTE_LOCKED: note 1 is signed' } },
      { code: '23000', constraint: 'NOTE_LOCKED' },
    ],
    ['a serialization failure', { code: '40001', message: 'could not serialize access' }, { code: '40001', constraint: null }],
  ])('reads %s', (_case, error, expected) => {
    expect(violation(error)).toMatchObject(expected)
  })

  it.each([null, 'text', new Error('other'), { code: 'ECONNREFUSED' }, { code: 'P2025' }])('is null for %s', (error) => {
    expect(violation(error)).toBeNull()
  })
})
