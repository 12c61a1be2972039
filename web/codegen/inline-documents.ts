import type { Plugin } from 'vite'
import { graphql } from '../gql/gql.ts'

const find: (source: string) => unknown = graphql
const CALL = /\bgraphql\(`([^`]*)`\)/g

/**
 * Puts each document in the place that asks for it. The generated map of all of them would come with the first page, and be half of what
 * that loads. Source: "Reducing bundle size" of GraphQL Code Generator's client preset, whose own plugins need Babel or SWC.
 */
export function inlineDocuments(): Plugin {
  return {
    name: 'inline-documents',
    enforce: 'pre',
    transform(code, id) {
      if (id.includes('/node_modules/') || id.includes('/web/gql/') || !code.includes('graphql(')) return null
      const inlined = code.replace(CALL, (_call, source: string) => `(${JSON.stringify(documentOf(source, id))})`)
      // One that stays would bring the whole map back.
      if (inlined.includes('graphql(')) throw new Error(`A call of graphql() in ${id} is not followed by a plain template: write it so.`)
      return { code: inlined, map: null }
    },
  }
}

function documentOf(source: string, id: string): object {
  const document = find(source)
  if (typeof document === 'object' && document !== null && 'kind' in document) return document
  throw new Error(`A document in ${id} is not among the generated ones: generate the client again.`)
}
