import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { takePort } from '../../test/ports.ts'
import { AuditWriter } from '../audit/writer.ts'
import { Histogram } from './histogram.ts'
import { Metrics } from './metrics.ts'
import { routeOf } from './operation-label.ts'
import { Readings } from './readings.ts'
import { StatementLabels } from './statement-label.ts'

const noDocuments = { find: () => null }

describe('Histogram', () => {
  it('counts into cumulative buckets, bounds included', () => {
    const histogram = new Histogram({ name: 'x', help: 'A thing.', bounds: [1, 2], labels: ['kind'] })
    for (const value of [0.5, 1, 1.5, 9]) histogram.series('a "b"\\').observe(value)
    expect(histogram.expose().split('\n')).toEqual([
      '# HELP x A thing.',
      '# TYPE x histogram',
      'x_bucket{kind="a \\"b\\"\\\\",le="1"} 2',
      'x_bucket{kind="a \\"b\\"\\\\",le="2"} 3',
      'x_bucket{kind="a \\"b\\"\\\\",le="+Inf"} 4',
      'x_sum{kind="a \\"b\\"\\\\"} 12',
      'x_count{kind="a \\"b\\"\\\\"} 4',
      '',
    ])
  })

  it('keeps one series per set of labels', () => {
    const histogram = new Histogram({ name: 'x', help: '', bounds: [1], labels: ['a', 'b'] })
    expect(histogram.series('1', '2')).toBe(histogram.series('1', '2'))
    expect(histogram.series('1', '2')).not.toBe(histogram.series('12', ''))
  })
})

describe('StatementLabels', () => {
  const labels = new StatementLabels()

  it.each([
    ['find_day', 'SELECT 1', 'find_day'],
    ['p17', 'SELECT "public"."patient"."id" FROM "public"."patient" WHERE 1=1', 'select patient'],
    [undefined, 'INSERT INTO "public"."app_user" ("id") VALUES ($1)', 'insert app_user'],
    [undefined, 'UPDATE idempotency_key SET result = $1', 'update idempotency_key'],
    [undefined, 'DELETE FROM audit.image_pending', 'delete audit.image_pending'],
    [undefined, 'WITH a AS (SELECT * FROM visit) SELECT * FROM a', 'select visit'],
    ['', "BEGIN; SET LOCAL app.org_id = '0198b0de-0000-7000-8000-000000000001'", 'begin'],
    [undefined, 'COMMIT', 'commit'],
    [undefined, 'SELECT 1', 'select'],
    [undefined, '', 'other'],
  ])('%s, %s: %s', (name, text, label) => {
    expect(labels.of(name, text)).toBe(label)
  })

  it('are never more than a few hundred, whatever is sent', () => {
    const many = new StatementLabels()
    const seen = new Set(Array.from({ length: 5_000 }, (_, index) => many.of(undefined, `SELECT * FROM t${index}`)))
    expect(seen.size).toBe(301)
    expect(seen).toContain('other')
  })
})

describe('routeOf', () => {
  it('knows a few first parts and nothing else', () => {
    expect(['/healthz', '/exports/0198b0de', '/patients/0198b0de', '/', '/wp-admin.php'].map(routeOf)).toEqual(['healthz', 'exports', 'page', 'page', 'page'])
  })
})

describe('Metrics', () => {
  it('counts open streams once each', async () => {
    const metrics = new Metrics(noDocuments)
    const [first] = [metrics.streamOpened(), metrics.streamOpened()]
    first?.()
    first?.()
    expect(await metrics.expose()).toContain('chiron_streams_open 1\n')
  })

  it('counts runs of jobs', async () => {
    const metrics = new Metrics(noDocuments)
    metrics.job('audit-export', 'done')
    metrics.job('audit-export', 'failed')
    const text = await metrics.expose()
    for (const outcome of ['done', 'failed']) expect(text).toContain(`chiron_jobs_total{queue="audit-export",outcome="${outcome}"} 1\n`)
  })

  it('keeps instruments apart from those of another process', () => {
    expect(new Metrics(noDocuments).registry).not.toBe(new Metrics(noDocuments).registry)
  })
})

describe('without a database', () => {
  const nowhere = async () => new pg.Pool({ connectionString: `postgresql://chiron_app:x@127.0.0.1:${await takePort()}/chiron` })

  it('readings are not a number, and say that they could not be read', async () => {
    const metrics = new Metrics(noDocuments)
    await using pools = new AsyncDisposableStack()
    const [app, auditor] = [await nowhere(), await nowhere()]
    pools.defer(() => app.end())
    pools.defer(() => auditor.end())
    await new Readings(metrics.registry, { app, auditor }).refresh()
    const text = await metrics.expose()
    expect(text).toContain('chiron_readings_up 0\n')
    expect(text).toContain('chiron_audit_lag_seconds Nan\n')
  })

  it('withheld operations are counted', async () => {
    const metrics = new Metrics(noDocuments)
    const pool = await nowhere()
    await expect(new AuditWriter(pool, 0, metrics).record([])).rejects.toThrow('could not record')
    await pool.end()
    const text = await metrics.expose()
    expect(text).toContain('chiron_audit_refused_operations_total 1\n')
    expect(text).toContain('chiron_audit_entries_total 0\n')
    expect(text).toContain('chiron_audit_batch_operations_count 1\n')
  })
})
