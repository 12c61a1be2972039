/** The one column of the one row in which an encrypted value opens. */
export type FieldPlace = { readonly organisationId: string; readonly table: string; readonly column: string; readonly id: string }

/**
 * Encrypts single values (a registration number) that the database, its backups and the trail's images shall hold unreadable. What the
 * server lends to commands and queries that need it; keys stay with the server.
 */
export type FieldCipher = {
  /** Encrypts under the newest key, whose name the result begins with. */
  readonly seal: (plain: string, place: FieldPlace) => string
  /** Opens what was sealed for this place, under whichever key. Throws when the key is not configured or the value was altered or moved. */
  readonly open: (sealed: string, place: FieldPlace) => string
  /** Of the newest key: what it sealed begins with this and a full stop. */
  readonly keyName: string
  /**
   * What equal values of an organisation have in common and nobody can compute without the key: the newest key's, then those of older
   * keys, under which rows may still stand.
   */
  readonly fingerprints: (plain: string, place: Omit<FieldPlace, 'id'>) => { readonly current: string; readonly older: readonly string[] }
}
