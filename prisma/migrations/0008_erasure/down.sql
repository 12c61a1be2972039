-- Back to rows that name no subject. What has been erased stays erased.
SET ROLE chiron_audit_owner;
DROP POLICY auditor_read ON audit.image;
CREATE POLICY auditor_read ON audit.image FOR SELECT TO chiron_auditor USING (key_id IN (SELECT k.id FROM audit.data_key k));
REVOKE UPDATE (master_key, wrapped) ON audit.data_key FROM chiron_sequencer;
REVOKE SELECT (entry_id, organisation_id, clinic_id) ON audit.image_pending FROM chiron_auditor;
DROP FUNCTION audit.erase_search_texts(uuid);
GRANT EXECUTE ON FUNCTION audit.erase_words(uuid) TO chiron_app;

CREATE OR REPLACE FUNCTION audit.erase_subject(subject uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  organisation uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  erased integer;
  waiting integer;
BEGIN
  IF organisation IS NULL THEN
    RAISE EXCEPTION 'erase_subject needs the organisation of the operation';
  END IF;
  DELETE FROM audit.image i USING audit.data_key k WHERE i.subject_id = subject AND k.id = i.key_id AND k.organisation_id = organisation;
  GET DIAGNOSTICS erased = ROW_COUNT;
  DELETE FROM audit.image_pending p WHERE p.subject_id = subject AND p.organisation_id = organisation;
  GET DIAGNOSTICS waiting = ROW_COUNT;
  DELETE FROM audit.data_key k WHERE k.subject_id = subject AND k.organisation_id = organisation;
  RETURN erased + waiting;
END $$;
DROP FUNCTION audit.witness_erasure(text, uuid, text, integer);
RESET ROLE;

SET ROLE chiron_migrator;
DROP TRIGGER audit_witness ON resource_claim;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON resource_claim
  FOR EACH ROW EXECUTE FUNCTION audit.witness('ResourceClaim', '', 'id');
DROP TRIGGER audit_witness ON invoice_line;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON invoice_line
  FOR EACH ROW EXECUTE FUNCTION audit.witness('InvoiceLine', '', 'id');
DROP TRIGGER audit_witness ON clinical_note_version;
CREATE TRIGGER audit_witness AFTER INSERT OR UPDATE OR DELETE ON clinical_note_version
  FOR EACH ROW EXECUTE FUNCTION audit.witness('ClinicalNoteVersion', '', 'note_id');
ALTER TABLE invoice_line DROP COLUMN client_id;
ALTER TABLE clinical_note_version DROP COLUMN patient_id;
RESET ROLE;
