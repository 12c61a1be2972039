import { inflateSync } from 'node:zlib'

/** The text of each page's content stream, in the order of the file, for fonts in Windows-1252. What is shown at one height is one line. */
export function readPdfText(pdf: Uint8Array): string {
  const bytes = Buffer.from(pdf)
  let text = ''
  for (let start = bytes.indexOf('stream\n'); start >= 0; start = bytes.indexOf('stream\n', start)) {
    const end = bytes.indexOf('endstream', start)
    const content = inflate(bytes.subarray(start + 'stream\n'.length, end))
    for (const [, shown, down] of content.matchAll(/\[([^\]]*)\] TJ|^1 0 0 1 \S+ (\S+) cm$/gm)) {
      const hex = [...(shown ?? '').matchAll(/<([0-9a-f]*)>/g)].map(([, part]) => part).join('')
      text += down === undefined ? new TextDecoder('windows-1252').decode(Buffer.from(hex, 'hex')) : down === '0' ? '' : '\n'
    }
    start = end + 'endstream\n'.length
  }
  return text.replaceAll(/\n+/g, '\n')
}

function inflate(data: Buffer): string {
  try {
    return inflateSync(data).toString('latin1')
  } catch {
    // Fonts and metadata are streams too, and not all are compressed.
    return ''
  }
}
