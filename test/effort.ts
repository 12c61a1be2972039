/** Whether this is `npm run test:full`, which tries every property with more cases. */
export const isFullRun = Boolean(process.env.CHIRON_TEST_FULL)

/** Cases of a property of pure code: such a case takes microseconds. */
export const PURE_RUNS = isFullRun ? 10_000 : 1_000

/** Cases of a property whose every case talks to a database or over HTTP: the number stated, five times as many in full. */
export function databaseRuns(usual: number): number {
  return isFullRun ? usual * 5 : usual
}
