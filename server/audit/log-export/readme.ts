/** The page that an inspector reads first, in both languages. */
export function exportReadme(installationId: string, exportedAt: string): string {
  return `# Audit trail of the Chiron installation ${installationId}

Exported ${exportedAt}. *Español: más abajo.*

## English

This folder holds every published entry of the trail, the Merkle trees over them and every signed checkpoint. To check it you need Node.js 20 or
newer, no network, no database and no trust in whoever gave it to you:

    node chiron-verify.mjs . --key "<verifier key>" --checkpoint <old checkpoint>

1. Take the **verifier key** from a source that the clinic could not change since: an e-mail with a checkpoint, a witness, an earlier export. The key
   in \`key.vkey\` proves only that the folder agrees with itself.
2. Give **every old checkpoint** you hold (e-mails, the witness, another export's \`checkpoints.txt\`). Only they can show that the end of the trail was cut
   off or its history rewritten.
3. You may use your own copy of chiron-verify.mjs, or write a verifier: the format is published with the product (docs/audit-format.md).

Exit code 0: nothing was altered since those checkpoints. 1: the report names the first bad entry and what was done. 2: it could not run.
3: good, but this folder holds only a part of the trail (chosen clinics or months); give --partial when that is what you expect.
Entries hold ids and codes only; who stands behind an id is known to the clinic. Names and values live elsewhere and can be erased without touching the proofs.

## Español

Esta carpeta contiene todas las entradas publicadas de la bitácora, los árboles de Merkle que las cubren y todos los puntos de control firmados.
Para comprobarla necesita Node.js 20 o posterior, sin red, sin base de datos y sin confiar en quien se la entregó:

    node chiron-verify.mjs . --lang es --key "<clave de verificación>" --checkpoint <punto de control anterior>

1. Tome la **clave de verificación** de una fuente que la clínica no haya podido cambiar: un correo con un punto de control, un testigo, una exportación
   anterior. La clave de \`key.vkey\` solo demuestra que la carpeta concuerda consigo misma.
2. Indique **todos los puntos de control anteriores** que tenga (correos, el testigo, el \`checkpoints.txt\` de otra exportación). Solo ellos muestran si se
   cortó el final de la bitácora o se reescribió su historia.
3. Puede usar su propia copia de chiron-verify.mjs o escribir un verificador: el formato se publica con el producto (docs/audit-format.md).

Código de salida 0: nada se alteró desde esos puntos de control. 1: el informe nombra la primera entrada alterada y lo que se le hizo. 2: no se pudo ejecutar.
3: correcto, pero esta carpeta contiene solo una parte de la bitácora (clínicas o meses elegidos); indique --partial si eso es lo que espera.
Las entradas contienen solo identificadores y códigos; la clínica sabe quién está detrás de cada uno. Los nombres y valores están aparte y pueden borrarse
sin tocar las pruebas.
`
}
