import { describe, expect, it } from 'vitest'
import { newId } from '../modules/kernel/ids.ts'
import { CalendarLinks, loggedPath } from './calendar-links.ts'

const links = new CalendarLinks(new Uint8Array(32).fill(7), 'https://clinic.example')
const id = newId()
const { url, tokenHash } = links.link(id, 'seed')
const path = new URL(url).pathname

describe('the address of a feed', () => {
  it('is read as the feed and the hash for which it was made', () => {
    expect(links.read(path)).toEqual({ feedId: id, tokenHash })
    expect(url.startsWith('https://clinic.example/calendar/')).toBe(true)
  })

  it('is the same for the same seed, and another one for another feed, seed or key', () => {
    const other = new CalendarLinks(new Uint8Array(32).fill(8), 'https://clinic.example')
    expect(links.link(id, 'seed').url).toBe(url)
    const secrets = [links.link(id, 'seed'), links.link(id, 'seed2'), links.link(newId(), 'seed'), other.link(id, 'seed')].map((made) =>
      Buffer.from(made.tokenHash).toString('hex'),
    )
    expect(new Set(secrets).size).toBe(4)
    expect([other.read(path), links.read(new URL(other.link(id, 'seed').url).pathname)]).toEqual([null, null])
  })

  it('with any one character changed, taken away or added is nobody’s', () => {
    for (let at = '/calendar/'.length; at < path.length; at += 1) {
      const next = path[at] === 'A' ? 'B' : 'A'
      for (const wrong of [
        `${path.slice(0, at)}${next}${path.slice(at + 1)}`,
        path.slice(0, at) + path.slice(at + 1),
        `${path.slice(0, at)}${next}${path.slice(at)}`,
      ])
        expect([at, wrong, links.read(wrong)]).toEqual([at, wrong, null])
    }
  })

  it('is not what logs hold', () => {
    expect([path, '/calendar/x', '/exports/x'].map(loggedPath)).toEqual(['/calendar/…', '/calendar/…', '/exports/x'])
  })
})
