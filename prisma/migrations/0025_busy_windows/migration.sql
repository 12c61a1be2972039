SET ROLE chiron_migrator;

-- When resources are taken in any of several spans, as times alone: of each resource the starts, in order, and then as many ends. A search
-- for Tuesday mornings reads the claims of Tuesdays; the organisation is looked up once, not for each claim. What
-- `ignored`, a visit or a hold, holds itself counts as free.
DROP FUNCTION busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid);
CREATE FUNCTION busy_times(resources uuid[], spans tstzmultirange, moment timestamptz, ignored uuid)
RETURNS TABLE (resource_id uuid, taken double precision[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH scope AS MATERIALIZED (SELECT nullif(current_setting('app.org_id', true), '')::uuid AS organisation_id)
  SELECT r.id, (SELECT array_agg(date_part('epoch', lower(span)) * 1000 ORDER BY span) || array_agg(date_part('epoch', upper(span)) * 1000 ORDER BY span) FROM unnest(held.during) AS span)
  FROM unnest(resources) AS r(id) CROSS JOIN LATERAL (SELECT range_agg(found.during) AS during FROM (
    SELECT c.during FROM resource_claim c
    WHERE c.resource_id = r.id AND c.during && spans AND c.organisation_id = (SELECT organisation_id FROM scope)
      AND (c.hold_id IS NULL OR EXISTS (SELECT FROM slot_hold h WHERE h.clinic_id = c.clinic_id AND h.id = c.hold_id AND h.expires_at > moment))
      AND coalesce(c.appointment_id, c.hold_id) IS DISTINCT FROM ignored
    UNION ALL
    SELECT tstzrange(b.starts_at, b.ends_at) FROM resource_block b
    WHERE b.resource_id = r.id AND tstzrange(b.starts_at, b.ends_at) && spans AND b.organisation_id = (SELECT organisation_id FROM scope)
  ) found) held
  WHERE held.during IS NOT NULL
$$;
REVOKE ALL ON FUNCTION busy_times(uuid[], tstzmultirange, timestamptz, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION busy_times(uuid[], tstzmultirange, timestamptz, uuid) TO chiron_app;

RESET ROLE;
