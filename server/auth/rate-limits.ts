import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** Failed sign-ins within 15 minutes: 5 of one account from one address, 20 of one account from anywhere, 50 from one address. */
const WINDOW_SECONDS = 15 * 60

export class SignInLimits {
  readonly #pair = new RateLimiterMemory({ points: 5, duration: WINDOW_SECONDS })
  readonly #account = new RateLimiterMemory({ points: 20, duration: WINDOW_SECONDS })
  readonly #address = new RateLimiterMemory({ points: 50, duration: WINDOW_SECONDS })

  /** Seconds to wait, or null when another attempt is allowed. Counts the attempt as failed until `forgive`. */
  async attempt(account: string, address: string): Promise<number | null> {
    const waits = await Promise.all([consume(this.#pair, `${account}|${address}`), consume(this.#account, account), consume(this.#address, address)])
    const longest = Math.max(...waits)
    return longest > 0 ? longest : null
  }

  /** A right password gives the attempt back. */
  async forgive(account: string, address: string): Promise<void> {
    await Promise.all([this.#pair.delete(`${account}|${address}`), this.#account.reward(account), this.#address.reward(address)])
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
