"""Queries that describe schemas, functions, types and what else is not a table. See `catalogue.py`."""

from __future__ import annotations

from sql_migrations.catalogue.tables import FIRING, OURS, SORTED, not_of_extension

# Objects outside any schema: those that initdb made have OIDs below this (FirstNormalObjectId in transam.h).
MADE_LATER = "oid >= 16384"


def _row(alias: str, *without: str) -> str:
    """Print a catalogue row whose columns are all names, flags and numbers without meaning beyond this database."""
    return f"(to_jsonb({alias}) - ARRAY[{', '.join(repr(column) for column in without)}])::text"


SCHEMAS = f"""
SELECT format('schema %I: schema', n.nspname) FROM pg_namespace AS n
 WHERE {OURS} AND {not_of_extension("pg_namespace", "n.oid")}
"""

# A function's whole text would drown the rest: its hash stands for it, beside what matters most about it.
FUNCTIONS = f"""
SELECT format('%s %I.%I(%s): %s', CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END, n.nspname, p.proname,
    pg_get_function_identity_arguments(p.oid), concat_ws(', ',
    'returns ' || pg_get_function_result(p.oid),
    'language ' || l.lanname,
    CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
    CASE WHEN p.prosecdef THEN 'security definer' END,
    CASE WHEN p.proleakproof THEN 'leakproof' END,
    'set ' || {SORTED.format("p.proconfig")},
    'definition ' || encode(sha256(convert_to(pg_get_functiondef(p.oid), 'UTF8')), 'hex')))
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = p.prolang
 WHERE p.prokind <> 'a' AND {OURS} AND {not_of_extension("pg_proc", "p.oid")}
"""

AGGREGATES = f"""
SELECT format('aggregate %I.%I(%s): %s, %s, %s, %s, %s', n.nspname, p.proname,
    pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid), format_type(a.aggtranstype, NULL),
    format_type(a.aggmtranstype, NULL), a.aggsortop::regoper, concat_ws(' ', p.proparallel,
    {_row("a", "aggfnoid", "aggtranstype", "aggmtranstype", "aggsortop")}))
  FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE {OURS} AND {not_of_extension("pg_proc", "p.oid")}
"""

_TYPE_REFERENCES = (
    *("oid", "typname", "typnamespace", "typowner", "typacl", "typrelid", "typelem", "typarray", "typbasetype"),
    "typcollation",
)
# Not array types, nor the row types of tables: those follow what they are made of.
TYPES = f"""
SELECT format('type %I.%I: %s', n.nspname, t.typname, CASE t.typtype
    WHEN 'e' THEN 'enum (' || (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum AS e WHERE e.enumtypid = t.oid) || ')'
    WHEN 'd' THEN concat_ws(' ', 'domain', format_type(t.typbasetype, t.typtypmod),
        (SELECT format('collate %I', co.collname) FROM pg_collation AS co, pg_type AS b
          WHERE co.oid = t.typcollation AND b.oid = t.typbasetype AND b.typcollation <> t.typcollation),
        CASE WHEN t.typnotnull THEN 'not null' END, 'default ' || t.typdefault)
    WHEN 'r' THEN (SELECT format('range of %s, multirange %s, %s, %s, %s, %s', format_type(r.rngsubtype, NULL),
            format_type(r.rngmultitypid, NULL), o.opcname, co.collname, r.rngcanonical, r.rngsubdiff)
        FROM pg_range AS r JOIN pg_opclass AS o ON o.oid = r.rngsubopc
        LEFT JOIN pg_collation AS co ON co.oid = r.rngcollation WHERE r.rngtypid = t.oid)
    WHEN 'c' THEN 'composite'
    ELSE {_row("t", *_TYPE_REFERENCES)}
    END)
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
 WHERE t.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type AS e WHERE e.typarray = t.oid)
   AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
   AND {OURS} AND {not_of_extension("pg_type", "t.oid")}
"""

EXTENSIONS = """
SELECT format('extension %I: in schema %I', x.extname, n.nspname)
  FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace
"""

EVENT_TRIGGERS = f"""
SELECT format('event trigger %I: %s', t.evtname, concat_ws(', ', t.evtevent, t.evttags::text, t.evtfoid::regproc,
    {FIRING.format("t.evtenabled")}))
  FROM pg_event_trigger AS t WHERE {not_of_extension("pg_event_trigger", "t.oid")}
"""

CASTS = f"""
SELECT format('cast %s as %s: %s %s %s', format_type(k.castsource, NULL), format_type(k.casttarget, NULL),
    k.castfunc::regprocedure, k.castcontext, k.castmethod)
  FROM pg_cast AS k WHERE k.{MADE_LATER} AND {not_of_extension("pg_cast", "k.oid")}
"""

OPERATORS = f"""
SELECT format('operator %I.%s(%s, %s): %s', n.nspname, o.oprname, format_type(nullif(o.oprleft, 0), NULL),
    format_type(o.oprright, NULL), concat_ws(' ', o.oprcode, format_type(o.oprresult, NULL),
    'commutator ' || nullif(o.oprcom, 0)::regoperator, 'negator ' || nullif(o.oprnegate, 0)::regoperator,
    o.oprrest, o.oprjoin, CASE WHEN o.oprcanmerge THEN 'merges' END, CASE WHEN o.oprcanhash THEN 'hashes' END))
  FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
 WHERE {OURS} AND {not_of_extension("pg_operator", "o.oid")}
"""

OPERATOR_CLASSES = f"""
SELECT format('operator class %I.%I using %s: %s', n.nspname, o.opcname, am.amname, concat_ws(', ', f.opfname,
    format_type(o.opcintype, NULL), format_type(nullif(o.opckeytype, 0), NULL),
    CASE WHEN o.opcdefault THEN 'default' END))
  FROM pg_opclass AS o JOIN pg_namespace AS n ON n.oid = o.opcnamespace JOIN pg_am AS am ON am.oid = o.opcmethod
  JOIN pg_opfamily AS f ON f.oid = o.opcfamily
 WHERE {OURS} AND {not_of_extension("pg_opclass", "o.oid")}
UNION ALL
SELECT format('operator family %I.%I using %s: %s; %s', n.nspname, f.opfname, am.amname,
    (SELECT string_agg(concat_ws(' ', p.amopstrategy, p.amopopr::regoperator, p.amoppurpose), ', '
        ORDER BY p.amopstrategy, p.amopopr::regoperator::text) FROM pg_amop AS p WHERE p.amopfamily = f.oid),
    (SELECT string_agg(concat_ws(' ', p.amprocnum, p.amproc::regprocedure), ', '
        ORDER BY p.amprocnum, p.amproc::regprocedure::text) FROM pg_amproc AS p WHERE p.amprocfamily = f.oid))
  FROM pg_opfamily AS f JOIN pg_namespace AS n ON n.oid = f.opfnamespace JOIN pg_am AS am ON am.oid = f.opfmethod
 WHERE {OURS} AND {not_of_extension("pg_opfamily", "f.oid")}
"""

# The locale's column was renamed in PostgreSQL 17, the version is the library's.
COLLATIONS = f"""
SELECT format('collation %I.%I: %s', n.nspname, c.collname, concat_ws(', ', 'provider ' || c.collprovider::text,
    coalesce(j.r->>'colllocale', j.r->>'colliculocale'), c.collcollate, c.collctype, j.r->>'collicurules',
    CASE WHEN NOT c.collisdeterministic THEN 'nondeterministic' END))
  FROM pg_collation AS c JOIN pg_namespace AS n ON n.oid = c.collnamespace CROSS JOIN LATERAL to_jsonb(c) AS j(r)
 WHERE {OURS} AND {not_of_extension("pg_collation", "c.oid")}
UNION ALL
SELECT format('conversion %I.%I: %s to %s by %s%s', n.nspname, c.conname, pg_encoding_to_char(c.conforencoding),
    pg_encoding_to_char(c.contoencoding), c.conproc, CASE WHEN c.condefault THEN ', default' END)
  FROM pg_conversion AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
 WHERE {OURS} AND {not_of_extension("pg_conversion", "c.oid")}
"""

TEXT_SEARCH = f"""
SELECT format('text search configuration %I.%I: parser %s, %s', n.nspname, c.cfgname, p.prsname,
    (SELECT string_agg(format('%s: %s', (SELECT alias FROM ts_token_type(c.cfgparser) WHERE tokid = m.maptokentype),
        m.mapdict::regdictionary), ', ' ORDER BY m.maptokentype, m.mapseqno)
       FROM pg_ts_config_map AS m WHERE m.mapcfg = c.oid))
  FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
 WHERE {OURS} AND {not_of_extension("pg_ts_config", "c.oid")}
UNION ALL
SELECT format('text search dictionary %I.%I: %s', n.nspname, d.dictname, concat_ws(', ', t.tmplname, d.dictinitoption))
  FROM pg_ts_dict AS d JOIN pg_namespace AS n ON n.oid = d.dictnamespace
  JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
 WHERE {OURS} AND {not_of_extension("pg_ts_dict", "d.oid")}
"""

# A user mapping's options may hold a password: only their names are shown.
FOREIGN = f"""
SELECT format('foreign data wrapper %I: %s', w.fdwname, concat_ws(', ', nullif(w.fdwhandler, 0)::regproc,
    nullif(w.fdwvalidator, 0)::regproc, {SORTED.format("w.fdwoptions")}))
  FROM pg_foreign_data_wrapper AS w WHERE {not_of_extension("pg_foreign_data_wrapper", "w.oid")}
UNION ALL
SELECT format('server %I: %s', s.srvname,
    concat_ws(', ', w.fdwname, s.srvtype, s.srvversion, {SORTED.format("s.srvoptions")}))
  FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
 WHERE {not_of_extension("pg_foreign_server", "s.oid")}
UNION ALL
SELECT format('user mapping %s on %I: %s',
    CASE WHEN m.umuser = 0 THEN 'public' ELSE format('%I', m.usename) END, m.srvname,
    {SORTED.format("ARRAY(SELECT option_name FROM pg_options_to_table(m.umoptions))")})
  FROM pg_user_mappings AS m
"""

PUBLICATIONS = """
SELECT format('publication %I: %s', p.pubname, concat_ws(', ', CASE WHEN p.puballtables THEN 'all tables' END,
    CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
    CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END,
    CASE WHEN p.pubviaroot THEN 'via root' END)) FROM pg_publication AS p
UNION ALL
SELECT format('publication %I of %s: %s', p.pubname, r.prrelid::regclass, concat_ws(' ', 'table',
    (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute AS a
      WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), 'where ' || pg_get_expr(r.prqual, r.prrelid)))
  FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid
UNION ALL
SELECT format('publication %I of schema %s: schema', p.pubname, s.pnnspid::regnamespace)
  FROM pg_publication_namespace AS s JOIN pg_publication AS p ON p.oid = s.pnpubid
UNION ALL
SELECT format('subscription %I: %s', s.subname, concat_ws(', ', CASE WHEN s.subenabled THEN 'enabled' END,
    array_to_string(s.subpublications, ', ')))
  FROM pg_subscription AS s WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
"""

LANGUAGES = f"""
SELECT format('language %I: %s', l.lanname, concat_ws(', ', CASE WHEN l.lanpltrusted THEN 'trusted' END,
    l.lanplcallfoid::regproc, l.laninline::regproc, l.lanvalidator::regproc))
  FROM pg_language AS l WHERE l.lanispl AND {not_of_extension("pg_language", "l.oid")}
UNION ALL
SELECT format('access method %I: %s %s', a.amname, a.amtype, a.amhandler)
  FROM pg_am AS a WHERE a.{MADE_LATER} AND {not_of_extension("pg_am", "a.oid")}
UNION ALL
SELECT format('transform for %s in %s: %s %s', format_type(t.trftype, NULL), l.lanname, t.trffromsql::regprocedure,
    t.trftosql::regprocedure)
  FROM pg_transform AS t JOIN pg_language AS l ON l.oid = t.trflang WHERE {not_of_extension("pg_transform", "t.oid")}
"""

QUERIES = (
    SCHEMAS,
    FUNCTIONS,
    AGGREGATES,
    TYPES,
    EXTENSIONS,
    EVENT_TRIGGERS,
    CASTS,
    OPERATORS,
    OPERATOR_CLASSES,
    COLLATIONS,
    TEXT_SEARCH,
    FOREIGN,
    PUBLICATIONS,
    LANGUAGES,
)
