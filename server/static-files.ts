import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Answer, Exchange } from './http.ts'

type StoredFile = { readonly body: Buffer; readonly zipped: Buffer | null; readonly type: string; readonly etag: string; readonly isHashed: boolean }

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}

export type StaticFiles = (exchange: Exchange) => Answer

/**
 * The built web client, held in memory: no path of a request ever reaches the file system. Unknown paths without an
 * extension get the start page, because the client routes by itself. Answers 404 everywhere when nothing is built.
 */
export async function loadStaticFiles(folder: string): Promise<StaticFiles> {
  const files = new Map<string, StoredFile>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const body = await readFile(path)
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    const zipped = /text|json|svg/.test(type) && body.length > 1_000 ? gzipSync(body) : null
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { body, zipped, type, etag, isHashed: path.includes(`${sep}assets${sep}`) })
  }
  return ({ request, url }): Answer => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405, headers: { Allow: 'GET, HEAD' } }
    const file = files.get(url.pathname) ?? (extname(url.pathname) === '' ? files.get('/index.html') : undefined)
    if (!file) return { status: 404, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'Not found' }
    const headers = {
      'Content-Type': file.type,
      ETag: file.etag,
      Vary: 'Accept-Encoding',
      'Cache-Control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    }
    if (request.headers['if-none-match'] === file.etag) return { status: 304, headers }
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')) ? file.zipped : null
    return { status: 200, headers: zipped ? { ...headers, 'Content-Encoding': 'gzip' } : headers, body: zipped ?? file.body }
  }
}
