-- Erasure that leaves nothing readable behind: every row that holds a person's or an animal's data names its subject, the
-- order in which an erasure takes its locks is that of the encrypting process, and an erasure leaves a witness of its own.

-- ── Subjects ────────────────────────────────────────────────────────────────────────────────────────────────────────
SET ROLE chiron_migrator;

ALTER TABLE clinical_note_version ADD COLUMN patient_id uuid;
ALTER TABLE invoice_line ADD COLUMN client_id uuid;

-- The witness names the subject from here on, so that what the backfill itself shows can be erased too.
DROP TRIGGER audit_witness ON clinical_note_version;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON clinical_note_version
  FOR EACH ROW EXECUTE FUNCTION audit.witness('ClinicalNoteVersion', 'patient_id', 'note_id');
DROP TRIGGER audit_witness ON invoice_line;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON invoice_line
  FOR EACH ROW EXECUTE FUNCTION audit.witness('InvoiceLine', 'client_id', 'id');
-- A person's working hours; the claim of a room is about nobody.
DROP TRIGGER audit_witness ON resource_claim;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON resource_claim
  FOR EACH ROW EXECUTE FUNCTION audit.witness('ResourceClaim', 'staff_id', 'id');

-- Only where there are rows: the gate asks for the migration's entry after an empty UPDATE too, and the shadow database in
-- which the history is compared with the schema has none.
DO $$
BEGIN
  IF EXISTS (SELECT FROM clinical_note_version) THEN
    UPDATE clinical_note_version v SET patient_id = n.patient_id FROM clinical_note n WHERE n.organisation_id = v.organisation_id AND n.id = v.note_id;
  END IF;
  IF EXISTS (SELECT FROM invoice_line) THEN
    UPDATE invoice_line l SET client_id = i.client_id FROM invoice i WHERE i.clinic_id = l.clinic_id AND i.id = l.invoice_id AND i.client_id IS NOT NULL;
  END IF;
END $$;

ALTER TABLE clinical_note_version
  ALTER COLUMN patient_id SET NOT NULL,
  ADD CONSTRAINT clinical_note_version_organisation_id_patient_id_fkey FOREIGN KEY (organisation_id, patient_id)
    REFERENCES patient (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE INDEX clinical_note_version_organisation_id_patient_id_idx ON clinical_note_version (organisation_id, patient_id);
ALTER TABLE invoice_line
  ADD CONSTRAINT invoice_line_organisation_id_client_id_fkey FOREIGN KEY (organisation_id, client_id)
    REFERENCES client (organisation_id, id) ON DELETE RESTRICT ON UPDATE RESTRICT;
CREATE INDEX invoice_line_organisation_id_client_id_idx ON invoice_line (organisation_id, client_id);

RESET ROLE;

SET ROLE chiron_audit_owner;
-- Images that were taken before and named nobody. Nothing has been encrypted yet, so the images of the notes and invoices
-- themselves still say whom they are about.
WITH seen AS MATERIALIZED (
  SELECT p.entry_id, p.subject_id, convert_from(e.body, 'UTF8')::jsonb ->> 'type' AS type, coalesce(image -> 'after', image -> 'before') AS seen
  FROM audit.image_pending p JOIN audit.entry e ON e.shard = p.shard AND e.id = p.entry_id, LATERAL (SELECT convert_from(p.plaintext, 'UTF8')::jsonb AS image) i
  WHERE e.source = 'row'
), owner AS (
  SELECT DISTINCT 'ClinicalNoteVersion' AS type, 'note_id' AS key, seen ->> 'id' AS id, (seen ->> 'patient_id')::uuid AS subject_id FROM seen WHERE type = 'ClinicalNote'
  UNION SELECT DISTINCT 'InvoiceLine', 'invoice_id', seen ->> 'id', (seen ->> 'client_id')::uuid FROM seen WHERE type = 'Invoice' AND seen ->> 'client_id' IS NOT NULL
), named AS (
  SELECT s.entry_id, o.subject_id FROM seen s JOIN owner o ON o.type = s.type AND o.id = s.seen ->> o.key WHERE s.subject_id IS NULL
  UNION ALL SELECT entry_id, (seen ->> 'staff_id')::uuid FROM seen WHERE type = 'ResourceClaim' AND subject_id IS NULL AND seen ->> 'staff_id' IS NOT NULL
)
UPDATE audit.image_pending p SET subject_id = n.subject_id FROM named n WHERE n.entry_id = p.entry_id;

-- ── Erasure ─────────────────────────────────────────────────────────────────────────────────────────────────────────
-- The database's own word that something was erased, next to the operation's; without the latter the gate refuses COMMIT.
CREATE FUNCTION audit.witness_erasure(record_type text, subject uuid, field text, erased integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  nil CONSTANT text := '00000000-0000-0000-0000-000000000000';
  organisation text := current_setting('app.org_id');
  image bytea := convert_to(jsonb_build_object('after', jsonb_build_object(field, 0), 'before', jsonb_build_object(field, erased))::text, 'UTF8');
  salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
  entry uuid := uuidv7();
BEGIN
  INSERT INTO audit.gate (xid) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
  INSERT INTO audit.entry (id, organisation_id, clinic_id, source, body) VALUES (
    entry, organisation::uuid, nil::uuid, 'row',
    convert_to(format(
      '{"at":"%s","clinic":"%s","commitment":"%s","entry":"%s","fields":["%s"],"id":"%s","op":"update","organisation":"%s","source":"row","subject":null,"tx":"%s","type":"%s","v":2}',
      to_char(statement_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), nil,
      encode(sha256(salt || image), 'hex'), entry, field, subject, organisation, pg_current_xact_id(), record_type), 'UTF8'));
  INSERT INTO audit.image_pending (entry_id, organisation_id, clinic_id, salt, plaintext) VALUES (entry, organisation::uuid, nil::uuid, salt, image);
END $$;

-- Destroys what a subject's images can be read with, and the images; leaves and proofs stay as they are. Answers how many
-- images are gone. Called inside a transaction that carries its own entry.
CREATE OR REPLACE FUNCTION audit.erase_subject(subject uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  organisation uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  keys uuid[];
  erased integer;
  waiting integer;
BEGIN
  IF organisation IS NULL THEN
    RAISE EXCEPTION 'erase_subject needs the organisation of the operation';
  END IF;
  -- Their keys open what is about nobody.
  IF subject IN (organisation, '00000000-0000-0000-0000-000000000000') OR EXISTS (
    SELECT FROM audit.data_key WHERE organisation_id = organisation AND clinic_id = subject) THEN
    RAISE EXCEPTION 'ERASE_REFUSED: % is no person and no animal', subject USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- Waiting images, then keys in the order of their ids, then images: the encrypting process takes its locks in the same
  -- order. A batch that is under way has ended before the second statement goes on, so the third one sees its images; a
  -- later batch finds no key and makes a new one.
  DELETE FROM audit.image_pending p WHERE p.subject_id = subject AND p.organisation_id = organisation;
  GET DIAGNOSTICS waiting = ROW_COUNT;
  SELECT array_agg(k.id) INTO keys FROM (
    SELECT d.id FROM audit.data_key d WHERE d.subject_id = subject AND d.organisation_id = organisation ORDER BY d.id FOR UPDATE
  ) k;
  DELETE FROM audit.image i WHERE i.subject_id = subject AND i.key_id = ANY (keys);
  GET DIAGNOSTICS erased = ROW_COUNT;
  DELETE FROM audit.data_key k WHERE k.id = ANY (keys);
  PERFORM audit.witness_erasure('AuditImage', subject, 'images', erased + waiting);
  RETURN erased + waiting;
END $$;

-- Takes what names or locates a person, and the reasons that the person gave, out of the projection that people search, and
-- says so in the log. The evidence names people by id alone. Answers how many entries are concerned.
CREATE FUNCTION audit.erase_search_texts(person uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  erased integer := audit.erase_words(person);
BEGIN
  PERFORM audit.witness_erasure('AuditSearch', person, 'entries', erased);
  RETURN erased;
END $$;
-- Nothing is erased without a witness.
REVOKE EXECUTE ON FUNCTION audit.erase_words(uuid) FROM chiron_app;

REVOKE ALL ON FUNCTION audit.witness_erasure(text, uuid, text, integer), audit.erase_search_texts(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.erase_search_texts(uuid) TO chiron_app;

-- ── Who reads and rotates keys ──────────────────────────────────────────────────────────────────────────────────────
-- That an image waits to be encrypted may be known; what it says may not.
GRANT SELECT (entry_id, organisation_id, clinic_id) ON audit.image_pending TO chiron_auditor;
-- A clinic's key is wrapped anew when the master key is rotated. The right also lets the encrypting process lock a key.
GRANT UPDATE (master_key, wrapped) ON audit.data_key TO chiron_sequencer;
-- Asked row by row, through the key's index: an IN over every key of the organisation would be read whole for one page.
DROP POLICY auditor_read ON audit.image;
CREATE POLICY auditor_read ON audit.image FOR SELECT TO chiron_auditor USING (EXISTS (SELECT FROM audit.data_key k WHERE k.id = key_id));

RESET ROLE;
