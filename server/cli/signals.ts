/** Within this time a second signal is the echo of the first: Ctrl-C arrives from the terminal and from the launcher. */
const ECHO_MS = 1000

export type StopSignal = AsyncDisposable & {
  signal: AbortSignal
  /** Runs when someone insists; must be synchronous. */
  onForce(work: () => void): void
}

/**
 * Turns SIGINT, SIGTERM, SIGHUP and the launcher's death into one abort. A later signal forces: the `onForce` work runs and
 * the process ends with code 130 at once.
 */
export function listenForStop(exit: (code: number) => void = process.exit): StopSignal {
  const controller = new AbortController()
  const forced: (() => void)[] = []
  let firstAt = 0
  const stop = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now()
      controller.abort()
    } else if (performance.now() - firstAt > ECHO_MS) {
      for (const work of forced) work()
      exit(130)
    }
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  // The launcher's channel closes when the launcher is killed, which sends no signal here.
  process.once('disconnect', stop)
  return {
    signal: controller.signal,
    onForce: (work) => forced.push(work),
    [Symbol.asyncDispose]: async () => {
      for (const signal of signals) process.off(signal, stop)
      process.off('disconnect', stop)
    },
  }
}

/** Resolves when the signal aborts. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (signal.aborted) resolve()
  else signal.addEventListener('abort', () => resolve(), { once: true })
  return promise
}
