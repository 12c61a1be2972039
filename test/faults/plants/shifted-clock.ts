// A planted fault: the process's clock jumps by an hour with each SIGUSR2, ahead, back, behind and back. Loaded ahead of the server by the harness.
const HOUR_MS = 3_600_000
const OFFSETS = [0, HOUR_MS, 0, -HOUR_MS]
const RealDate = Date
let place = 0
const now = () => RealDate.now() + (OFFSETS[place % OFFSETS.length] ?? 0)

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
})

process.on('SIGUSR2', () => {
  place += 1
})
