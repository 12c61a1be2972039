import type { GraphQLResolveInfo } from 'graphql'
import type { Logger } from 'pino'
import type { Actor, ClinicActor, UserActor, VisitorActor } from '../modules/kernel/actor.ts'
import type { AuditImages, AuditReader, Db, Selects, Tx } from '../modules/kernel/db.ts'
import type { FieldCipher } from '../modules/kernel/field-cipher.ts'
import type { Clock } from '../modules/kernel/time.ts'
import type { PrismaClient } from '../prisma/client/client.ts'

/** What JSON can hold: results of commands are stored under their idempotency key. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** Execution waits for promises alone, so what is there already must not become one. */
export type MaybePromise<T> = T | Promise<T>

/** Loads many records of one type by id, in one statement, reporting what it read. Missing ones are left out. */
export type Batch<Row> = (db: Db, actor: ClinicActor, ids: readonly string[]) => Promise<readonly Row[]>

/** Everything a resolver gets. Built per operation; nothing in it changes. */
export type Context = {
  /** Who calls, signed in or not. Only public fields need it. */
  readonly caller: Actor
  /** The signed-in caller. Throws UNAUTHENTICATED for nobody, which the access table has refused before. */
  readonly actor: UserActor
  readonly db: Db
  /** The audit trail, for the compliance module alone. */
  readonly auditDb: AuditReader
  /** Its encrypted before and after images, for the compliance module alone. */
  readonly auditImages: AuditImages
  /** The scope's client, for Pothos alone: resolvers read through queries, which report what they read. */
  readonly prisma: PrismaClient
  readonly clock: Clock
  /** Seals and opens what the database shall not read. */
  readonly fields: FieldCipher
  readonly log: Logger
  /** Whether the document asks for this field anywhere, and the caller may see it: what a root field loads beside its own records. */
  readonly selects: Selects
  /** Hands over records that a root field has read beside its own (and reported): `find` and `get` answer them at once. */
  readonly prime: <Row extends { readonly id: string }>(batch: Batch<Row>, rows: readonly Row[]) => void
  /** The same for `many`: all rows of these owners. */
  readonly primeMany: <Row>(batch: GroupBatch<Row>, groups: ReadonlyMap<string, readonly Row[]>) => void
  /** One record by id: a primed one, or through the operation's DataLoader of this batch function; null when out of reach. */
  readonly find: <Row extends { readonly id: string }>(batch: Batch<Row>, id: string) => MaybePromise<Row | null>
  /** Like `find`, for references that a foreign key guarantees. */
  readonly get: <Row extends { readonly id: string }>(batch: Batch<Row>, id: string) => MaybePromise<Row>
  /** Records grouped under an owner's id (the notes of patients), one statement for all owners of the operation. */
  readonly many: <Row>(batch: GroupBatch<Row>, id: string) => MaybePromise<readonly Row[]>
  /** Begins to read what `many` will be asked for, in the round trip of what this tick reads. It counts as read when it is asked for. */
  readonly ahead: <Row>(batch: GroupBatch<Row>, id: string) => void
  /**
   * Runs a command in one transaction with its audit entry. `info` names the operation's path and `input` is what the
   * Idempotency-Key header stands for.
   */
  readonly transact: <T extends Json>(info: GraphQLResolveInfo, input: unknown, command: (tx: Tx) => Promise<T>) => Promise<T>
  /**
   * The same for a command whose answer is read in its transaction: one entry tells of the change and of what the answer shows. The
   * answer to a repeated key is read anew.
   */
  readonly change: <T extends Json, Answer>(
    info: GraphQLResolveInfo,
    input: unknown,
    command: (tx: Tx) => Promise<T>,
    read: (db: Db, result: T) => Promise<Answer>,
  ) => Promise<Answer>
  /** Sign-in and its cookie: for the access module alone. */
  readonly auth: AuthPort
  /** Hears of changes: for the live module alone. */
  readonly live: LivePort
  /** Addresses of feeds: for the calendar module alone. */
  readonly calendar: CalendarPort
  /** Doors to people who have not signed in: for online booking alone. */
  readonly booking: BookingPort
}

export type GroupBatch<Row> = (db: Db, actor: ClinicActor, ownerIds: readonly string[]) => Promise<ReadonlyMap<string, readonly Row[]>>

export type IssuedSession = { readonly accessToken: string; readonly expiresAt: Date; readonly idleMinutes: number; readonly viewer: UserActor }
export type SignInAnswer =
  | { readonly kind: 'session'; readonly session: IssuedSession }
  | { readonly kind: 'refused' }
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }

/** What the server lends the access module: tokens, cookies and rate limits are HTTP's business. */
export type AuthPort = {
  readonly signIn: (email: string, password: string) => Promise<SignInAnswer>
  /** Rotates the refresh cookie. Null: the session has ended. */
  readonly refresh: () => Promise<IssuedSession | null>
  readonly signOut: () => Promise<void>
  readonly signOutEverywhere: () => Promise<void>
  /** The hash of a new password. Throws InvalidInputError for a weak one, or one that holds a word of `related`. */
  readonly hashPassword: (password: string, related: readonly string[]) => Promise<string>
  /** Compares with the caller's own password, within the limits of sign-in. Throws NotPermittedError when it is another. */
  readonly confirmPassword: (password: string) => Promise<void>
  readonly isEmptyInstallation: () => Promise<boolean>
  readonly setUp: (input: SetUpInput) => Promise<IssuedSession>
}

/** What a stream of changes says. `end` is the last event of a stream that the server ends. */
export type LiveEvent =
  | { readonly kind: 'change'; readonly type: string; readonly ids: readonly string[] | null }
  | { readonly kind: 'resync' }
  | { readonly kind: 'end'; readonly code: LiveEnd; readonly message: string }
export type LiveEnd = 'UNAUTHENTICATED' | 'CLINIC_OUT_OF_REACH' | 'TOKEN_EXPIRED' | 'DRAINING' | 'UNAVAILABLE'

/** What the server lends the live module: the changes of the caller's organisation, as far as the caller may hear of them. */
export type LivePort = {
  /** Throws a GraphQLError when there are too many streams, or when this server is about to end. */
  readonly open: (types: readonly string[] | null) => AsyncIterable<LiveEvent>
}

/** What the server lends the calendar module: its key and the origin under which programs find it. */
export type CalendarPort = {
  /** The address of a feed, the same for the same seed, and what of its secret is stored. */
  readonly link: (feedId: string, seed: string) => { readonly url: string; readonly tokenHash: Uint8Array }
}

/** What the server lends online booking: the way from a page's address into its clinic. */
export type BookingPort = {
  /**
   * The clinic whose page this is; null for a page that is closed and for one that nobody has. Each call counts against the limits of the
   * caller's address; one that asks also against those of requests, until it is given back. Throws TooManyAttemptsError, and a GraphQLError for a second page in one request.
   */
  readonly open: (slug: string, step: 'look' | 'ask') => Promise<BookingDoor | null>
}

/** One clinic as a visitor meets it. What is read and changed here is told in that clinic's log. */
export type BookingDoor = {
  readonly actor: VisitorActor
  readonly db: Db
  readonly transact: <T extends Json>(info: GraphQLResolveInfo, input: unknown, command: (tx: Tx) => Promise<T>) => Promise<T>
  /** Looks for what is offered, when it is its turn: few look at once. Throws TooManyAttemptsError when too many wait. */
  readonly look: <T>(work: () => Promise<T>) => Promise<T>
  /** Nothing came of asking, which then counts as a try alone. */
  readonly giveBack: () => Promise<void>
}

export type SetUpInput = {
  readonly organisationName: string
  readonly clinicName: string
  readonly countryCode: string
  readonly timeZone: string
  readonly currency: string
  readonly locale: string
  readonly ownerName: string
  readonly ownerEmail: string
  readonly password: string
}
