-- "Who saw this?" over years of the trail: an inverted index over audit.search, built behind the appends by a cursor of its
-- own. Nothing here is evidence: audit.rebuild_index() makes all of it anew from the entries.
SET ROLE chiron_migrator;
GRANT EXECUTE ON FUNCTION search_key(text) TO chiron_audit_owner;
RESET ROLE;

SET ROLE chiron_audit_owner;

CREATE SEQUENCE audit.posting_slice;

-- Which entries a term names, hour by hour of their instant (UTC). A term is the id of a record or of a session, or
-- audit.term() of a word. `entries` is what may match: whoever reads it holds each entry against the filter. Every step of the
-- index adds lists of its own, of at most 512 entries: a longer one would be written anew, whole, with each step of its hour.
CREATE TABLE audit.posting (
  hour    timestamptz NOT NULL,
  term    uuid        NOT NULL,
  slice   bigint      NOT NULL DEFAULT nextval('audit.posting_slice'),
  -- The month in which the entries are kept; the one before the hour's for transactions that ran over the end of a month.
  shard   date        NOT NULL,
  entries uuid[]      NOT NULL,
  PRIMARY KEY (term, hour, slice)
) PARTITION BY RANGE (hour);

-- Whom or what a record is about, as the witnesses of its changes say. Outlives their months.
CREATE TABLE audit.record_subject (
  record_id  uuid NOT NULL PRIMARY KEY,
  subject_id uuid NOT NULL
);
CREATE INDEX record_subject_subject ON audit.record_subject (subject_id);

-- Every word under which a clinic's entries can be found, with their number. Holds people's names and addresses in clear,
-- like audit.search, and is erased with it.
CREATE TABLE audit.vocabulary (
  term            uuid        NOT NULL PRIMARY KEY,
  organisation_id uuid        NOT NULL,
  clinic_id       uuid        NOT NULL,
  kind            text        NOT NULL,
  value           text        NOT NULL,
  n               bigint      NOT NULL CONSTRAINT vocabulary_n_counts CHECK (n > 0),
  last_at         timestamptz NOT NULL
);
CREATE INDEX vocabulary_place ON audit.vocabulary (organisation_id, clinic_id, kind);
CREATE INDEX vocabulary_text ON audit.vocabulary USING gin (public.search_key(value) public.gin_trgm_ops) WHERE kind IN ('operation', 'detail', 'userName', 'reason');

-- A clinic's browsers report one finding of a kind an hour: more would hide the others.
CREATE UNIQUE INDEX finding_browser_hourly ON audit.finding (clinic_id, kind, date_trunc('hour', at AT TIME ZONE 'UTC')) WHERE source = 'browser';

-- Entries that are not indexed yet are read from here.
CREATE INDEX search_tail ON audit.search (clinic_id, xid, entry_id);
INSERT INTO audit.cursor (name) VALUES ('subjects');

CREATE FUNCTION audit.term(organisation uuid, clinic uuid, kind text, value text) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN md5(organisation::text || clinic::text || kind || ' ' || value)::uuid;

-- ── Partitions ──────────────────────────────────────────────────────────────────────────────────────────────────────
-- Months begin at midnight UTC, also where a partition is bounded by instants and whoever makes it has another zone.
ALTER FUNCTION audit.make_partition(text, date, boolean) SET timezone = 'UTC';
DO $$
DECLARE
  first date;
BEGIN
  FOR first IN SELECT to_date(substring(inhrelid::regclass::text FROM 'entry_(.*)$'), 'YYYY_MM') FROM pg_inherits WHERE inhparent = 'audit.entry'::regclass LOOP
    PERFORM audit.make_partition('posting', first, false);
  END LOOP;
END $$;

-- ── Building ────────────────────────────────────────────────────────────────────────────────────────────────────────
-- Learns from a page of witnesses which record is about whom. Answers whether more wait. Bodies are read as text: one that
-- somebody has tampered with must not stop the index.
CREATE FUNCTION audit.learn_subjects(max_entries integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  id_pattern CONSTANT text := '([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})';
  high xid8 := pg_snapshot_xmin(pg_current_snapshot());
  done audit.cursor;
  last record;
BEGIN
  SELECT * INTO done FROM audit.cursor c WHERE c.name = 'subjects' FOR UPDATE;
  WITH page AS MATERIALIZED (
    SELECT e.xid, e.id, encode(e.body, 'escape') AS body FROM audit.entry e
    WHERE e.source = 'row' AND (e.xid, e.id) > (done.xid, done.id) AND e.xid < high ORDER BY e.xid, e.id LIMIT max_entries
  ), learnt AS (
    INSERT INTO audit.record_subject (record_id, subject_id)
    SELECT DISTINCT ON (record_id) record_id, subject_id FROM (
      SELECT p.xid, p.id, substring(p.body FROM '"id":"' || id_pattern || '"')::uuid AS record_id, substring(p.body FROM '"subject":"' || id_pattern || '"')::uuid AS subject_id
      FROM page p
    ) named WHERE record_id IS NOT NULL AND subject_id IS NOT NULL ORDER BY record_id, xid, id
    ON CONFLICT DO NOTHING
  )
  SELECT (array_agg(p.xid ORDER BY p.xid DESC, p.id DESC))[1] AS xid, (array_agg(p.id ORDER BY p.xid DESC, p.id DESC))[1] AS id, count(*) AS n INTO last FROM page p;
  IF last.n = max_entries THEN
    UPDATE audit.cursor SET xid = last.xid, id = last.id, at = statement_timestamp() WHERE name = 'subjects';
    RETURN true;
  END IF;
  UPDATE audit.cursor SET xid = high, id = '00000000-0000-0000-0000-000000000000', at = statement_timestamp() WHERE name = 'subjects';
  RETURN false;
END $$;

-- Adds a page of entries to the index, in the order of their transactions, as far as the subjects of everything that they
-- can name are known. All of it, or with the caller's transaction nothing.
CREATE FUNCTION audit.index_step(max_entries integer) RETURNS TABLE (indexed integer, is_caught_up boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
  are_more_waiting boolean := audit.learn_subjects(max_entries);
  high xid8 := (SELECT c.xid FROM audit.cursor c WHERE c.name = 'subjects');
  done audit.cursor;
  xids xid8[];
  ids uuid[];
  shards date[];
BEGIN
  SELECT * INTO done FROM audit.cursor c WHERE c.name = 'indexer' FOR UPDATE;
  SELECT array_agg(p.xid), array_agg(p.id), array_agg(p.shard) INTO xids, ids, shards FROM (
    SELECT e.xid, e.id, e.shard FROM audit.entry e
    WHERE e.source = 'api' AND (e.xid, e.id) > (done.xid, done.id) AND e.xid < high ORDER BY e.xid, e.id LIMIT max_entries
  ) p;
  indexed := coalesce(cardinality(ids), 0);
  is_caught_up := indexed < max_entries AND NOT are_more_waiting;
  IF indexed > 0 THEN
    PERFORM audit.index_entries(shards, ids);
  END IF;
  IF indexed = max_entries THEN
    UPDATE audit.cursor SET xid = xids[indexed], id = ids[indexed], at = statement_timestamp() WHERE name = 'indexer';
  ELSIF high > done.xid THEN
    UPDATE audit.cursor SET xid = high, id = '00000000-0000-0000-0000-000000000000', at = statement_timestamp() WHERE name = 'indexer';
  END IF;
  RETURN NEXT;
END $$;

-- What nearly every entry has in common ('read', 'ok', 'web') is counted and gets no list: the trail in order is its list.
CREATE FUNCTION audit.index_entries(shards date[], ids uuid[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
  WITH found AS MATERIALIZED (
    SELECT s.*, date_trunc('hour', s.at, 'UTC') AS hour FROM unnest(shards, ids) AS page(shard, id) JOIN audit.search s ON s.shard = page.shard AND s.entry_id = page.id
  ), words AS MATERIALIZED (
    SELECT audit.term(w.organisation_id, w.clinic_id, w.kind, w.value) AS term, w.*
    FROM (
      SELECT f.organisation_id, f.clinic_id, word.kind, word.value, f.hour, f.shard, array_agg(f.entry_id) AS entries, max(f.at) AS last_at
      FROM found f CROSS JOIN LATERAL (
        VALUES ('user', f.user_id::text), ('userName', f.user_name), ('action', f.action), ('operation', f.operation), ('origin', f.origin), ('outcome', f.outcome),
          ('detail', f.detail), ('address', f.address), ('reason', f.reason)
        UNION SELECT 'class', unnest(f.class) UNION SELECT 'type', unnest(f.types) UNION SELECT 'role', unnest(f.roles)
      ) AS word(kind, value)
      WHERE word.value IS NOT NULL
      GROUP BY 1, 2, 3, 4, 5, 6
    ) w
  ), counted AS (
    INSERT INTO audit.vocabulary AS v (term, organisation_id, clinic_id, kind, value, n, last_at)
    SELECT w.term, w.organisation_id, w.clinic_id, w.kind, w.value, sum(cardinality(w.entries)), max(w.last_at) FROM words w GROUP BY 1, 2, 3, 4, 5
    ON CONFLICT (term) DO UPDATE SET n = v.n + excluded.n, last_at = greatest(v.last_at, excluded.last_at)
  ), named AS (
    SELECT f.hour, r.id AS term, f.shard, f.entry_id FROM found f CROSS JOIN unnest(f.record_ids) AS r(id)
    UNION
    SELECT f.hour, r.subject_id, f.shard, f.entry_id FROM found f CROSS JOIN unnest(f.record_ids) AS n(id) JOIN audit.record_subject r ON r.record_id = n.id AND r.subject_id <> n.id
    UNION
    SELECT f.hour, f.session_id, f.shard, f.entry_id FROM found f WHERE f.session_id IS NOT NULL
  )
  INSERT INTO audit.posting (hour, term, shard, entries)
  SELECT l.hour, l.term, l.shard, l.entries[first : first + 511] FROM (
    SELECT n.hour, n.term, n.shard, array_agg(n.entry_id) AS entries FROM named n GROUP BY 1, 2, 3
    UNION ALL
    SELECT w.hour, w.term, w.shard, w.entries FROM words w WHERE (w.kind, w.value) NOT IN (('action', 'read'), ('outcome', 'ok'), ('origin', 'web'))
  ) l CROSS JOIN generate_series(1, cardinality(l.entries), 512) AS first
$$;

-- Forgets the index; the next steps make it anew from what audit.search holds by then. Meanwhile searches read the entries
-- themselves: slower, and complete.
CREATE FUNCTION audit.rebuild_index() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM audit.cursor c WHERE c.name IN ('subjects', 'indexer') ORDER BY c.name DESC FOR UPDATE;
  TRUNCATE audit.posting, audit.vocabulary;
  -- Subjects stay: the witnesses from which they were learnt may be gone.
  UPDATE audit.cursor SET xid = '0', id = '00000000-0000-0000-0000-000000000000', at = statement_timestamp() WHERE name IN ('subjects', 'indexer');
END $$;

-- Whoever takes a person's name, address or reason out of audit.search takes it out of the vocabulary as well, unless entries that keep
-- theirs hold the same word. The cursor is locked first, so that the indexer does not write down what it read a moment before.
CREATE FUNCTION audit.hold_indexer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM FROM audit.cursor c WHERE c.name = 'indexer' FOR UPDATE;
  RETURN NULL;
END $$;
CREATE FUNCTION audit.forget_words() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM audit.vocabulary v USING (
    SELECT DISTINCT word.kind, word.value, audit.term(b.organisation_id, b.clinic_id, word.kind, word.value) AS term
    FROM before b CROSS JOIN LATERAL (VALUES ('userName', b.user_name), ('address', b.address), ('reason', b.reason)) AS word(kind, value)
    WHERE word.value IS NOT NULL
  ) w
  WHERE v.term = w.term AND NOT EXISTS (
    SELECT FROM audit.posting p CROSS JOIN unnest(p.entries) AS e(id) JOIN audit.search s ON s.shard = p.shard AND s.entry_id = e.id
    WHERE p.term = w.term AND w.value = CASE w.kind WHEN 'userName' THEN s.user_name WHEN 'address' THEN s.address ELSE s.reason END);
  RETURN NULL;
END $$;
CREATE TRIGGER hold_indexer BEFORE UPDATE ON audit.search FOR EACH STATEMENT EXECUTE FUNCTION audit.hold_indexer();
CREATE TRIGGER forget_words AFTER UPDATE ON audit.search REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION audit.forget_words();

-- Takes what names or locates a person, and the reasons that the person gave, out of what can be searched, under the organisation of the
-- operation; the evidence never held them. Answers how many entries lost theirs.
CREATE FUNCTION audit.erase_words(person uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
  organisation uuid := nullif(current_setting('app.org_id', true), '')::uuid;
  erased integer;
BEGIN
  IF organisation IS NULL THEN
    RAISE EXCEPTION 'erase_words needs the organisation of the operation';
  END IF;
  PERFORM FROM audit.cursor c WHERE c.name = 'indexer' FOR UPDATE;
  WITH own AS MATERIALIZED (
    SELECT p.shard, e.id FROM audit.vocabulary v JOIN audit.posting p ON p.term = v.term CROSS JOIN unnest(p.entries) AS e(id)
    WHERE v.organisation_id = organisation AND v.kind = 'user' AND v.value = person::text
    UNION
    SELECT s.shard, s.entry_id FROM audit.cursor c JOIN audit.search s ON (s.xid, s.entry_id) > (c.xid, c.id) WHERE c.name = 'indexer' AND s.user_id = person
  )
  UPDATE audit.search s SET user_name = NULL, address = NULL, user_agent = NULL, reason = NULL FROM own o
  WHERE s.shard = o.shard AND s.entry_id = o.id AND s.organisation_id = organisation AND s.user_id = person;
  GET DIAGNOSTICS erased = ROW_COUNT;
  RETURN erased;
END $$;

-- ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────────────
CREATE TYPE audit.entry_filter AS (
  organisation uuid, clinic uuid, user_id uuid, action text, outcome text, type text, record uuid, subject uuid, class text, role text, origin text, address text,
  session uuid, request uuid, from_at timestamptz, until_at timestamptz, query text, after_at timestamptz, after_id uuid, before_at timestamptz, before_id uuid
);
-- A key of audit.search, ordered like the trail.
CREATE TYPE audit.entry_place AS (at timestamptz, entry_id uuid, shard date);

-- Words of the reader's clinics that hold a text. LIKE is not leakproof: under row-level security its index would be skipped,
-- so this takes the tenant from the settings and answers terms only.
CREATE FUNCTION audit.find_words(query text, max_words integer) RETURNS TABLE (term uuid, n bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT v.term, v.n FROM audit.vocabulary v
  WHERE v.organisation_id = nullif(current_setting('app.org_id', true), '')::uuid
    AND v.clinic_id = ANY (nullif(current_setting('app.clinic_ids', true), '')::uuid[] || '00000000-0000-0000-0000-000000000000'::uuid)
    AND v.kind IN ('operation', 'detail', 'userName', 'reason')
    AND public.search_key(v.value) LIKE '%' || replace(replace(replace(public.search_key(query), '\', '\\'), '%', '\%'), '_', '\_') || '%'
  LIMIT max_words
$$;

-- Every record that is about somebody or something, the subject itself included; also those of the newest witnesses, from which nothing
-- has been learnt yet.
CREATE FUNCTION audit.records_about(subject uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT array(
    SELECT subject UNION SELECT r.record_id FROM audit.record_subject r WHERE r.subject_id = subject
    UNION SELECT substring(t.body FROM '"id":"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"')::uuid FROM audit.cursor c CROSS JOIN LATERAL (
      SELECT encode(e.body, 'escape') AS body FROM audit.entry e WHERE e.source = 'row' AND (e.xid, e.id) > (c.xid, c.id) OFFSET 0
    ) t WHERE c.name = 'subjects' AND strpos(t.body, '"subject":"' || subject::text || '"') > 0)
$$;

-- From where to where a page reaches, and the conditions of its filter, as SQL on `audit.search s`. Every value is quoted by format's %L.
-- One bound on each side, the tighter one: beside a wider one an index scan might start at that.
CREATE FUNCTION audit.filter_bounds(f audit.entry_filter) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT concat_ws(' AND ',
    format('s.organisation_id = %L', f.organisation),
    CASE WHEN f.before_at >= coalesce(f.from_at, '-infinity') THEN format('(s.at, s.entry_id) > (%L::timestamptz, %L::uuid)', f.before_at, f.before_id)
      WHEN f.from_at IS NOT NULL THEN format('s.at >= %L', f.from_at) END,
    CASE WHEN f.after_at < coalesce(f.until_at, 'infinity') THEN format('(s.at, s.entry_id) < (%L::timestamptz, %L::uuid)', f.after_at, f.after_id)
      WHEN f.until_at IS NOT NULL THEN format('s.at < %L', f.until_at) END)
$$;

CREATE FUNCTION audit.filter_conditions(f audit.entry_filter) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  about uuid[] := CASE WHEN f.subject IS NOT NULL THEN audit.records_about(f.subject) END;
BEGIN
  RETURN concat_ws(' AND ', 'true',
    CASE WHEN f.user_id IS NOT NULL THEN format('s.user_id = %L', f.user_id) END,
    CASE WHEN f.action IS NOT NULL THEN format('s.action = %L', f.action) END,
    CASE WHEN f.outcome IS NOT NULL THEN format('s.outcome = %L', f.outcome) END,
    CASE WHEN f.origin IS NOT NULL THEN format('s.origin = %L', f.origin) END,
    CASE WHEN f.address IS NOT NULL THEN format('s.address = %L', f.address) END,
    CASE WHEN f.session IS NOT NULL THEN format('s.session_id = %L', f.session) END,
    CASE WHEN f.request IS NOT NULL THEN format('s.request_id = %L', f.request) END,
    CASE WHEN f.type IS NOT NULL THEN format('%L = ANY (s.types)', f.type) END,
    CASE WHEN f.class IS NOT NULL THEN format('%L = ANY (s.class)', f.class) END,
    CASE WHEN f.role IS NOT NULL THEN format('%L = ANY (s.roles)', f.role) END,
    CASE WHEN f.record IS NOT NULL THEN format('%L = ANY (s.record_ids)', f.record) END,
    -- A long list is looked up by hash in the first form only.
    CASE WHEN cardinality(about) > 32 THEN format('EXISTS (SELECT FROM unnest(s.record_ids) AS r(id) WHERE r.id = ANY (%L::uuid[]))', about)
      WHEN about IS NOT NULL THEN format('s.record_ids && %L::uuid[]', about) END,
    CASE WHEN f.query IS NOT NULL THEN (
      SELECT '(' || string_agg(format('strpos(public.search_key(s.%I), %L) > 0', field, public.search_key(f.query)), ' OR ') || ')'
      FROM unnest(ARRAY['operation', 'detail', 'user_name', 'reason']) AS field) END);
END $$;

-- The terms of a filter with the number of entries that each is known to name, the most selective first. Numbers of records and sessions
-- are counted in their newest lists alone.
CREATE FUNCTION audit.filter_terms(f audit.entry_filter) RETURNS TABLE (terms uuid[], n bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.terms, t.n FROM (
    SELECT w.terms, (SELECT coalesce(sum(v.n), 0)::bigint FROM audit.vocabulary v WHERE v.term = ANY (w.terms)) AS n
    FROM (VALUES ('user', f.user_id::text), ('action', nullif(f.action, 'read')), ('outcome', nullif(f.outcome, 'ok')), ('origin', nullif(f.origin, 'web')), ('type', f.type),
      ('class', f.class), ('role', f.role), ('address', f.address)) AS given(kind, value)
    CROSS JOIN LATERAL (SELECT ARRAY[audit.term(f.organisation, f.clinic, given.kind, given.value),
      audit.term(f.organisation, '00000000-0000-0000-0000-000000000000', given.kind, given.value)] AS terms) w
    WHERE given.value IS NOT NULL
    UNION ALL
    SELECT ARRAY[given.id], (SELECT coalesce(sum(cardinality(p.entries)), 0) FROM (SELECT p.entries FROM audit.posting p WHERE p.term = given.id ORDER BY p.hour DESC LIMIT 400) p)
    FROM unnest(ARRAY[f.record, f.subject, f.session]) AS given(id) WHERE given.id IS NOT NULL
    UNION ALL
    -- A text that is in more words than this says little.
    SELECT coalesce(array_agg(w.term), '{}'), coalesce(sum(w.n), 0)::bigint FROM audit.find_words(f.query, 2001) w WHERE f.query IS NOT NULL HAVING f.query IS NOT NULL AND count(*) <= 2000
  ) t ORDER BY t.n
$$;

-- One page of the entries that match a filter, newest first (or oldest first), as keys of audit.search. Runs under the row-level
-- security of its caller. Reads lists of terms hour by hour, no further than the page needs, and what is not indexed yet from the
-- entries themselves. A filter that many of the next entries match is answered by reading the trail in order.
CREATE FUNCTION audit.find_entries(filter jsonb, page_size integer, is_inverted boolean) RETURNS SETOF audit.entry_place
LANGUAGE plpgsql STABLE ROWS 25 SET search_path = pg_catalog, pg_temp
-- Fresh months have no statistics yet, and every access here has its index.
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $$
DECLARE
  many CONSTANT integer := 2000;
  f audit.entry_filter := jsonb_populate_record(NULL::audit.entry_filter, filter);
  bounds text := audit.filter_bounds(f);
  conditions text := audit.filter_conditions(f);
  direction text := CASE WHEN is_inverted THEN 'ASC' ELSE 'DESC' END;
  in_order text := format('s.at %1$s, s.entry_id %1$s', direction);
  -- One index scan in order per clinic: `clinic_id IN (…)` would sort the whole trail.
  places text := format('unnest(%L::uuid[]) AS place(clinic_id)', ARRAY[f.clinic, '00000000-0000-0000-0000-000000000000'::uuid]);
  place text := format('ROW(s.at, s.entry_id, s.shard)::audit.entry_place ORDER BY %s', in_order);
  earliest timestamptz := date_trunc('hour', greatest(f.from_at, f.before_at, '-infinity'), 'UTC');
  latest timestamptz := least(f.until_at, f.after_at, 'infinity');
  driver uuid[];
  driver_n bigint;
  lists text;
  one record;
  scanned integer;
  edge timestamptz;
  ahead integer;
  wanted integer := 64;
  part audit.entry_place[];
  found audit.entry_place[] := '{}';
BEGIN
  IF f.request IS NOT NULL THEN
    RETURN QUERY EXECUTE format('SELECT s.at, s.entry_id, s.shard FROM (SELECT * FROM audit.search s WHERE s.request_id = %L OFFSET 0) s
      WHERE s.clinic_id IN (SELECT place.clinic_id FROM %s) AND %s AND %s ORDER BY %s LIMIT %s', f.request, places, bounds, conditions, in_order, page_size);
    RETURN;
  END IF;

  -- The most selective term leads; others of a like size narrow it before an entry is looked at.
  FOR one IN SELECT t.terms, t.n FROM audit.filter_terms(f) t LOOP
    IF driver IS NULL THEN
      driver := one.terms;
      driver_n := one.n;
    END IF;
    IF lists IS NULL OR one.n <= 8 * driver_n THEN
      lists := concat_ws(' INTERSECT ', lists,
        format('SELECT p.shard, e.id FROM audit.posting p CROSS JOIN unnest(p.entries) AS e(id) WHERE p.term = ANY (%L::uuid[]) AND p.hour >= $1 AND p.hour <= $2', one.terms));
    END IF;
  END LOOP;
  IF driver IS NULL THEN
    RETURN QUERY EXECUTE format('SELECT s.at, s.entry_id, s.shard FROM %1$s CROSS JOIN LATERAL (
        SELECT s.at, s.entry_id, s.shard FROM audit.search s WHERE s.clinic_id = place.clinic_id AND %2$s AND %3$s ORDER BY %4$s LIMIT %5$s
      ) s ORDER BY %4$s LIMIT %5$s', places, bounds, conditions, in_order, page_size);
    RETURN;
  END IF;

  IF driver_n >= many THEN
    EXECUTE format('SELECT count(*), CASE WHEN %6$L THEN max(s.at) ELSE min(s.at) END, coalesce(array_agg(%7$s) FILTER (WHERE %3$s), %8$L)
      FROM (SELECT s.* FROM %1$s CROSS JOIN LATERAL (SELECT s.* FROM audit.search s WHERE s.clinic_id = place.clinic_id AND %2$s ORDER BY %4$s LIMIT %5$s) s ORDER BY %4$s LIMIT %5$s) s',
      places, bounds, conditions, in_order, many, is_inverted, place, '{}') INTO scanned, edge, found;
    IF scanned < many OR cardinality(found) >= page_size THEN
      RETURN QUERY SELECT * FROM unnest(found) LIMIT page_size;
      RETURN;
    END IF;
    IF is_inverted THEN
      earliest := date_trunc('hour', edge, 'UTC');
    ELSE
      latest := edge;
    END IF;
  END IF;

  EXECUTE format('SELECT $1 || coalesce(array_agg(%5$s), %6$L) FROM (
      SELECT s.* FROM audit.cursor c CROSS JOIN %1$s CROSS JOIN LATERAL (
        SELECT s.* FROM audit.search s WHERE s.clinic_id = place.clinic_id AND (s.xid, s.entry_id) > (c.xid, c.id) OFFSET 0
      ) s WHERE c.name = ''indexer'' AND %2$s AND %3$s ORDER BY %4$s LIMIT %7$s
    ) s', places, bounds, conditions, in_order, place, '{}', page_size) INTO found USING found;
  scanned := 0;
  LOOP
    -- The hours of the next lists, as many as are wanted; each hour is then read whole.
    EXECUTE format('SELECT count(*), CASE WHEN %3$L THEN max(h.hour) ELSE min(h.hour) END FROM (
        SELECT p.hour FROM unnest($1) AS t(term) CROSS JOIN LATERAL (
          SELECT p.hour FROM audit.posting p WHERE p.term = t.term AND p.hour >= $2 AND p.hour <= $3 ORDER BY p.hour %1$s LIMIT %2$s
        ) p ORDER BY p.hour %1$s LIMIT %2$s
      ) h', direction, wanted, is_inverted) INTO ahead, edge USING driver, earliest, latest;
    EXIT WHEN ahead = 0;
    EXECUTE format('SELECT coalesce(array_agg(%6$s), %7$L) FROM (
        SELECT s.* FROM (SELECT DISTINCT * FROM (%1$s) listed) l JOIN audit.search s ON s.shard = l.shard AND s.entry_id = l.id
        WHERE s.clinic_id IN (SELECT place.clinic_id FROM %2$s) AND %3$s AND %4$s ORDER BY %5$s LIMIT %8$s
      ) s', lists, places, bounds, conditions, in_order, place, '{}', page_size)
      INTO part USING CASE WHEN is_inverted THEN earliest ELSE edge END, CASE WHEN is_inverted THEN edge ELSE latest END;
    found := found || part;
    scanned := scanned + cardinality(part);
    EXIT WHEN scanned >= page_size OR ahead < wanted;
    IF is_inverted THEN
      earliest := edge + interval '1 hour';
    ELSE
      latest := edge - interval '1 hour';
    END IF;
    wanted := least(wanted * 8, 8192);
  END LOOP;
  RETURN QUERY EXECUTE format('SELECT s.at, s.entry_id, s.shard FROM (SELECT DISTINCT * FROM unnest($1)) s ORDER BY %s LIMIT %s', in_order, page_size) USING found;
END $$;

-- ── Who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────
DO $$
DECLARE
  org CONSTANT text := '(SELECT nullif(current_setting(''app.org_id'', true), '''')::uuid)';
  clinics CONSTANT text := '((SELECT nullif(current_setting(''app.clinic_ids'', true), '''')::uuid[])::uuid[])';
  target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['posting', 'record_subject', 'vocabulary'] LOOP
    EXECUTE format('ALTER TABLE audit.%I ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE audit.%I FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('CREATE POLICY owner_all ON audit.%I TO chiron_audit_owner USING (true) WITH CHECK (true)', target);
  END LOOP;
  -- Ids say nothing by themselves; the entries that they lead to are found under their own policy.
  CREATE POLICY auditor_read ON audit.posting FOR SELECT TO chiron_auditor USING (true);
  CREATE POLICY auditor_read ON audit.record_subject FOR SELECT TO chiron_auditor USING (true);
  -- What the console proves, it finds through the index.
  FOREACH target IN ARRAY ARRAY['posting', 'record_subject', 'vocabulary'] LOOP
    EXECUTE format('CREATE POLICY sequencer_read ON audit.%I FOR SELECT TO chiron_sequencer USING (true)', target);
  END LOOP;
  EXECUTE format('CREATE POLICY auditor_read ON audit.vocabulary FOR SELECT TO chiron_auditor USING (organisation_id = %s AND (clinic_id = ANY %s OR clinic_id = %L))',
    org, clinics, '00000000-0000-0000-0000-000000000000');
END $$;
GRANT SELECT ON audit.posting, audit.record_subject, audit.vocabulary TO chiron_auditor, chiron_sequencer;
REVOKE ALL ON FUNCTION audit.learn_subjects(integer), audit.index_step(integer), audit.index_entries(date[], uuid[]), audit.rebuild_index(), audit.hold_indexer(), audit.forget_words(), audit.erase_words(uuid),
  audit.term(uuid, uuid, text, text), audit.find_words(text, integer), audit.records_about(uuid), audit.filter_bounds(audit.entry_filter),
  audit.filter_conditions(audit.entry_filter), audit.filter_terms(audit.entry_filter), audit.find_entries(jsonb, integer, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.index_step(integer), audit.rebuild_index(), audit.records_about(uuid) TO chiron_sequencer;
GRANT EXECUTE ON FUNCTION audit.erase_words(uuid) TO chiron_app;
GRANT EXECUTE ON FUNCTION audit.term(uuid, uuid, text, text), audit.find_words(text, integer), audit.records_about(uuid), audit.filter_bounds(audit.entry_filter),
  audit.filter_conditions(audit.entry_filter), audit.filter_terms(audit.entry_filter), audit.find_entries(jsonb, integer, boolean) TO chiron_auditor;
RESET ROLE;
