import { writeSnapshot } from '../../schema/print.ts'

// A process of its own, begun by `chiron generate` once the database client that the schema imports has been written.
await writeSnapshot()
