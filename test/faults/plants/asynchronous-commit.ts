// A planted fault: commits are acknowledged before they are on the disk. Loaded ahead of the server by the harness, and by nothing else.
import pg from 'pg'

const prototype: any = pg.Client.prototype
const { query } = prototype
const set = new WeakSet<object>()
prototype.query = function hasty(...given: any[]) {
  if (!set.has(this)) {
    set.add(this)
    void query.call(this, 'SET synchronous_commit = off').catch(() => {})
  }
  return query.apply(this, given)
}
