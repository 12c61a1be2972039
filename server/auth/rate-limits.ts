import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { networkOf } from '../client-address.ts'
import { Turns } from '../turns.ts'

/** Failed sign-ins within 15 minutes: 5 of one account from one address, 20 of one account from anywhere, 50 from one address. */
const WINDOW_SECONDS = 15 * 60

export class SignInLimits {
  readonly #pair = new RateLimiterMemory({ points: 5, duration: WINDOW_SECONDS })
  readonly #account = new RateLimiterMemory({ points: 20, duration: WINDOW_SECONDS })
  readonly #address = new RateLimiterMemory({ points: 50, duration: WINDOW_SECONDS })

  /**
   * Seconds to wait, or null when another attempt is allowed. Counts the attempt as failed until `forgive`. What one limit
   * refuses does not count for the next one: a single address could otherwise lock an account for everybody, or fill the memory.
   */
  async attempt(account: string, address: string): Promise<number | null> {
    const place = networkOf(address)
    const wait = (await consume(this.#address, place)) || (await consume(this.#pair, `${account}|${place}`)) || (await consume(this.#account, account))
    return wait > 0 ? wait : null
  }

  /** An attempt that could not be judged, because the database was away, is nobody's failure. Passes what the work throws on. */
  async judged<T>(account: string, address: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const place = networkOf(address)
      await Promise.all([this.#pair.reward(`${account}|${place}`), this.#account.reward(account), this.#address.reward(place)])
      throw error
    }
  }

  /** A right password gives the attempt back. */
  async forgive(account: string, address: string): Promise<void> {
    const place = networkOf(address)
    await Promise.all([this.#pair.delete(`${account}|${place}`), this.#account.reward(account), this.#address.reward(place)])
  }
}

/**
 * What strangers may do at the doors of clinics: from one address 100 looks in five minutes, and in an hour 60 tries to ask, 10 of which succeed; at one
 * door 100 requests an hour that succeed.
 */
export class BookingLimits {
  readonly #looks = new RateLimiterMemory({ points: 100, duration: 5 * 60 })
  /** Each look for slots is the work of many statements: strangers wait for each other, and not the desk for them. */
  readonly looks = new Turns(3, 30)
  readonly #tries = new RateLimiterMemory({ points: 60, duration: 60 * 60 })
  readonly #asks = new RateLimiterMemory({ points: 10, duration: 60 * 60 })
  readonly #door = new RateLimiterMemory({ points: 100, duration: 60 * 60 })

  /** Seconds to wait; 0 when it may look now. */
  look(address: string): Promise<number> {
    return consume(this.#looks, networkOf(address))
  }

  /**
   * Seconds to wait; 0 when it may ask now. Counts as a request that succeeds until `giveBack`. What the address is refused does not count for the
   * door, which one of them could otherwise shut.
   */
  async ask(door: string, address: string): Promise<number> {
    const place = networkOf(address)
    const own = (await consume(this.#tries, place)) || (await consume(this.#asks, place))
    if (own > 0) return own
    const wait = await consume(this.#door, door)
    if (wait > 0) await this.#asks.reward(place)
    return wait
  }

  /** Nothing came of it, so that it keeps nobody else out. */
  async giveBack(door: string, address: string): Promise<void> {
    await Promise.all([this.#asks.reward(networkOf(address)), this.#door.reward(door)])
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<number> {
  try {
    await limiter.consume(key)
    return 0
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000))
    throw refusal
  }
}
