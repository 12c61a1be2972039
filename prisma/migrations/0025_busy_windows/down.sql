SET ROLE chiron_migrator;

DROP FUNCTION busy_times(uuid[], tstzmultirange, timestamptz, uuid);
CREATE FUNCTION busy_times(resources uuid[], since timestamptz, until timestamptz, moment timestamptz, ignored uuid)
RETURNS TABLE (resource_id uuid, taken double precision[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id, (SELECT array_agg(extract(epoch FROM bound)::double precision * 1000 ORDER BY bound) FROM unnest(range_agg(during)) AS span, unnest(ARRAY[lower(span), upper(span)]) AS bound)
  FROM (
    SELECT w.id, c.during FROM unnest(resources) AS w(id) JOIN resource_claim c ON c.resource_id = w.id AND c.during && tstzrange(since, until)
      LEFT JOIN slot_hold h ON h.clinic_id = c.clinic_id AND h.id = c.hold_id
    WHERE c.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid AND (h.id IS NULL OR h.expires_at > moment)
      AND coalesce(c.appointment_id, c.hold_id) IS DISTINCT FROM ignored
    UNION ALL
    SELECT w.id, tstzrange(b.starts_at, b.ends_at) FROM unnest(resources) AS w(id)
      JOIN resource_block b ON b.resource_id = w.id AND tstzrange(b.starts_at, b.ends_at) && tstzrange(since, until)
    WHERE b.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
  ) held GROUP BY id
$$;
REVOKE ALL ON FUNCTION busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION busy_times(uuid[], timestamptz, timestamptz, timestamptz, uuid) TO chiron_app;

RESET ROLE;
