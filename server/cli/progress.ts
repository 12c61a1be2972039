/** Where a command writes; tests collect instead. */
export type Output = { line(text: string): void; error(text: string): void }

export const terminal: Output = {
  line: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
}

export type Step = <T>(label: string, work: (note: (text: string) => void) => Promise<T>) => Promise<T>

/** Reports each step when it begins and how long it took; `note` adds what it found or how far it is. */
export function createSteps(output: Output): Step {
  return async (label, work) => {
    const begun = performance.now()
    output.line(`• ${label}`)
    let last = ''
    const result = await work((text) => {
      // Long steps report often: the same words twice in a row say nothing new.
      if (text !== last) output.line(`    ${text}`)
      last = text
    })
    output.line(`✓ ${label}  ${((performance.now() - begun) / 1000).toFixed(1)} s`)
    return result
  }
}
