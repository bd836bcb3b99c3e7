"""Queries that describe what is granted and said about objects: privileges, comments, labels. See `catalogue.py`."""

from __future__ import annotations

from sql_migrations.catalogue.objects import MADE_LATER
from sql_migrations.catalogue.tables import OURS, RELATION_KIND, not_of_extension


def _privileges(acl: str) -> str:
    """Print an ACL: grantees in order, the owner as `owner`, every privilege that there is as ALL.

    Later versions know more privileges (MAINTAIN since 17), so that only ALL compares between them.
    """
    return f"""(SELECT string_agg(who || ' ' || granted, '; ' ORDER BY who COLLATE "C") FROM (
        SELECT CASE WHEN x.grantee = 0 THEN 'public' WHEN x.grantee = o.owner THEN 'owner'
                    ELSE format('%I', pg_get_userbyid(x.grantee)) END AS who,
               CASE WHEN count(DISTINCT x.privilege_type) = (SELECT count(*) FROM aclexplode(o.fallback) AS f
                        WHERE f.grantee = o.owner)
                    THEN 'ALL' || CASE WHEN x.grantee <> o.owner AND bool_and(x.is_grantable) THEN '*' ELSE '' END
                    ELSE string_agg(DISTINCT x.privilege_type
                        || CASE WHEN x.is_grantable AND x.grantee <> o.owner THEN '*' ELSE '' END, ', ') END AS granted
          FROM aclexplode({acl}) AS x GROUP BY x.grantee) AS g)"""


def _object(label: str, owner: str, acl: str, kind: str, source: str) -> str:
    return (
        f"SELECT {label} AS label, {owner} AS owner, {acl} AS acl, acldefault({kind}, {owner}) AS fallback "
        f"FROM {source} AND {acl} IS NOT NULL"
    )


_CLASS = f"pg_namespace AS n ON n.oid = c.relnamespace WHERE {OURS} AND {not_of_extension('pg_class', 'c.oid')}"
_OBJECTS = "\nUNION ALL ".join(
    (
        _object(
            f"format('%s %I.%I', {RELATION_KIND}, n.nspname, c.relname)",
            "c.relowner",
            "c.relacl",
            "(CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END)::\"char\"",
            f"pg_class AS c JOIN {_CLASS}",
        ),
        _object(
            "format('column %I.%I.%I', n.nspname, c.relname, a.attname)",
            "c.relowner",
            "a.attacl",
            "'c'",
            f"pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN {_CLASS} AND NOT a.attisdropped",
        ),
        _object(
            "format('schema %I', n.nspname)",
            "n.nspowner",
            "n.nspacl",
            "'n'",
            f"pg_namespace AS n WHERE {OURS} AND {not_of_extension('pg_namespace', 'n.oid')}",
        ),
        _object(
            "format('function %I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))",
            "p.proowner",
            "p.proacl",
            "'f'",
            f"pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace "
            f"WHERE {OURS} AND {not_of_extension('pg_proc', 'p.oid')}",
        ),
        _object(
            "format('type %I.%I', n.nspname, t.typname)",
            "t.typowner",
            "t.typacl",
            "'T'",
            f"pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace "
            f"WHERE {OURS} AND {not_of_extension('pg_type', 't.oid')}",
        ),
        _object("format('language %I', l.lanname)", "l.lanowner", "l.lanacl", "'l'", "pg_language AS l WHERE true"),
        _object(
            "format('foreign data wrapper %I', w.fdwname)",
            "w.fdwowner",
            "w.fdwacl",
            "'F'",
            f"pg_foreign_data_wrapper AS w WHERE {not_of_extension('pg_foreign_data_wrapper', 'w.oid')}",
        ),
        _object("format('server %I', s.srvname)", "s.srvowner", "s.srvacl", "'S'", "pg_foreign_server AS s WHERE true"),
    )
)

# No ACL means the default one, and so does one that came to equal it again.
GRANTS = f"""
SELECT format('grants on %s: %s', o.label, coalesce({_privileges("o.acl")}, 'nothing'))
  FROM ({_OBJECTS}) AS o
 WHERE {_privileges("o.acl")} IS DISTINCT FROM {_privileges("o.fallback")}
"""

# Without a schema the ACL replaces the default one, within a schema it adds to it.
DEFAULT_PRIVILEGES = f"""
SELECT format('default privileges of %s on %s%s: %s', CASE WHEN o.owner = o.own THEN 'owner'
        ELSE format('%I', pg_get_userbyid(o.owner)) END,
    CASE o.kind WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
        WHEN 'n' THEN 'schemas' ELSE 'large objects' END,
    (SELECT format(' in schema %I', n.nspname) FROM pg_namespace AS n WHERE n.oid = o.schema),
    coalesce({_privileges("o.acl")}, 'nothing'))
  FROM (SELECT d.defaclrole AS owner, d.defaclacl AS acl, d.defaclobjtype AS kind, d.defaclnamespace AS schema,
               acldefault((CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END)::"char", d.defaclrole)
                   AS fallback,
               (SELECT b.datdba FROM pg_database AS b WHERE b.datname = current_database()) AS own
          FROM pg_default_acl AS d) AS o
"""


def _said(catalogue: str, text: str, prefix: str, condition: str) -> str:
    return f"""
SELECT format('{prefix} %s %s: %s', i.type, i.identity, to_json({text}))
  FROM {catalogue} AS d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
 WHERE {condition} AND coalesce(i.schema, '') !~ '^pg_' AND NOT EXISTS (SELECT FROM pg_depend AS e
    WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
"""


# CREATE EXTENSION writes the comment on an extension, initdb the one on the schema public.
COMMENTS = _said(
    "pg_description",
    "d.description",
    "comment on",
    f"(d.obj{MADE_LATER} OR d.classoid = 'pg_namespace'::regclass AND i.identity = 'public'"
    " AND d.description <> 'standard public schema') AND d.classoid <> 'pg_extension'::regclass",
)
LABELS = _said("pg_seclabel", "d.label", "label on", "true")

QUERIES = (GRANTS, DEFAULT_PRIVILEGES, COMMENTS, LABELS)
