import type pg from 'pg'

/** Schemas that migrations own. */
const SCHEMAS = ['public', 'audit']

/**
 * One text line for each object of the application's schemas, complete enough that two databases with the same lines
 * behave alike. Prisma's own diff sees neither checks, triggers, policies nor privileges, which carry the guarantees here.
 * Objects of extensions and Prisma's history table are left out.
 */
export async function describeCatalogue(client: pg.Client): Promise<Set<string>> {
  const { rows } = await client.query<{ line: string }>(CATALOGUE, [SCHEMAS])
  return new Set(rows.map((row) => row.line))
}

// %s of a regclass prints the schema unless it is on the path: an empty path makes every name qualified.
const CATALOGUE = `
WITH path AS (SELECT set_config('search_path', 'pg_catalog', false)),
relations AS (
  SELECT c.* FROM path, pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY($1) AND c.relname NOT LIKE '\\_prisma\\_migrations%' AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
    -- Months are added while the clinic works; their parent stands for them.
    AND NOT c.relispartition
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), privileges AS (
  SELECT format('%s %s to %s', a.privilege_type, CASE WHEN a.is_grantable THEN 'with grant' END, COALESCE(r.rolname, 'PUBLIC')) AS what, c.oid, NULL::name AS col
    FROM relations c, aclexplode(COALESCE(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee
  UNION ALL
  SELECT format('%s %s to %s', a.privilege_type, CASE WHEN a.is_grantable THEN 'with grant' END, COALESCE(r.rolname, 'PUBLIC')), c.oid, t.attname
    FROM relations c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
)
SELECT format('relation %s kind %s owner %s rls %s forced %s partition %s %s', c.oid::regclass, c.relkind, c.relowner::regrole,
    c.relrowsecurity, c.relforcerowsecurity, pg_get_partkeydef(c.oid), pg_get_expr(c.relpartbound, c.oid)) AS line FROM relations c
UNION ALL SELECT format('view %s as %s', c.oid::regclass, pg_get_viewdef(c.oid)) FROM relations c WHERE c.relkind IN ('v', 'm')
UNION ALL SELECT format('column %s.%I %s %s default %s identity %s generated %s', c.oid::regclass, t.attname, format_type(t.atttypid, t.atttypmod),
    CASE WHEN t.attnotnull THEN 'not null' END, pg_get_expr(d.adbin, d.adrelid), t.attidentity, t.attgenerated)
  FROM relations c JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = t.attnum WHERE c.relkind <> 'S'
UNION ALL SELECT format('constraint %s on %s: %s', k.conname, c.oid::regclass, pg_get_constraintdef(k.oid)) FROM relations c JOIN pg_constraint k ON k.conrelid = c.oid
UNION ALL SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM relations c JOIN pg_index i ON i.indrelid = c.oid
UNION ALL SELECT format('trigger on %s enabled %s: %s', c.oid::regclass, g.tgenabled, pg_get_triggerdef(g.oid)) FROM relations c JOIN pg_trigger g ON g.tgrelid = c.oid WHERE NOT g.tgisinternal
UNION ALL SELECT format('policy %s on %s for %s to %s permissive %s using %s check %s', p.polname, c.oid::regclass, p.polcmd, p.polroles::regrole[], p.polpermissive,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) FROM relations c JOIN pg_policy p ON p.polrelid = c.oid
UNION ALL SELECT format('privilege %s%s: %s', p.oid::regclass, '.' || p.col, p.what) FROM privileges p
UNION ALL SELECT format('function owner %s acl %s: %s', f.proowner::regrole,
    (SELECT string_agg(format('%s:%s', COALESCE(r.rolname, 'PUBLIC'), a.privilege_type), ',' ORDER BY r.rolname) FROM aclexplode(COALESCE(f.proacl, acldefault('f', f.proowner))) a LEFT JOIN pg_roles r ON r.oid = a.grantee),
    CASE WHEN f.prokind IN ('f', 'p') THEN pg_get_functiondef(f.oid) ELSE f.oid::regprocedure::text END)
  FROM path, pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
  WHERE n.nspname = ANY($1) AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid AND d.deptype = 'e')
UNION ALL SELECT format('type %s kind %s values %s base %s', t.oid::regtype, t.typtype,
    (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid), format_type(t.typbasetype, t.typtypmod))
  FROM path, pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = ANY($1) AND t.typtype IN ('e', 'd', 'r')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL SELECT format('schema %s owner %s: %s to %s', n.nspname, n.nspowner::regrole, a.privilege_type, COALESCE(r.rolname, 'PUBLIC'))
  FROM path, pg_namespace n, aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE n.nspname = ANY($1)
UNION ALL SELECT format('default privileges of %s in %s: %s', d.defaclrole::regrole, n.nspname, d.defaclacl) FROM path, pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
UNION ALL SELECT format('extension %s', e.extname) FROM path, pg_extension e
`
