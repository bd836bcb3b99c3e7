"""Data on the way back: rows go with a table that the file made, any other change has no way back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.reversing.made import Impossible, Made
from sql_migrations.syntax.addresses import addressed, of_relation
from sql_migrations.syntax.nodes import QualifiedName, descend, message, strings, unwrap
from sql_migrations.syntax.tree import enum_name

if TYPE_CHECKING:
    from collections.abc import Iterator

# Built into PostgreSQL and common in migrations. What is not here might be anybody's function, and is refused.
# nextval is here because a sequence never goes back, not even after ROLLBACK.
_NAMES = """
    abs age array_agg array_append array_cat array_length array_position array_remove array_to_json array_to_string
    array_upper ascii avg bit_length bool_and bool_or btrim cardinality ceil ceiling char_length character_length
    chr clock_timestamp coalesce concat concat_ws convert_from convert_to count current_database current_date
    current_schema current_schemas current_setting current_user currval date date_part date_trunc decode
    dense_rank div encode every exists exp extract first_value floor format format_type gen_random_uuid
    generate_series generate_subscripts greatest initcap json_agg json_array_elements json_array_elements_text
    json_build_array json_build_object json_each json_object json_object_agg json_populate_record jsonb_agg
    jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object
    jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
    jsonb_object_agg jsonb_object_keys jsonb_populate_record jsonb_populate_recordset jsonb_set
    jsonb_strip_nulls jsonb_to_recordset jsonb_typeof lag last_value lead least left length ln localtime
    localtimestamp log lower lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz max md5
    min mod mode nextval now nullif obj_description octet_length overlay pg_backend_pid pg_get_serial_sequence
    pg_typeof pi position power quote_ident quote_literal quote_nullable random rank regexp_match regexp_matches
    regexp_replace regexp_split_to_array regexp_split_to_table repeat replace reverse right round row_number
    row_to_json rpad rtrim session_user set_config setseed sha224 sha256 sha384 sha512 sign split_part sqrt
    statement_timestamp stddev string_agg string_to_array string_to_table strpos substr substring sum timeofday
    timezone to_char to_date to_hex to_json to_jsonb to_number to_regclass to_regtype to_timestamp to_tsquery
    to_tsvector transaction_timestamp translate trim trunc unnest upper uuidv4 uuidv7 variance version
    width_bucket xmlagg
"""
_HARMLESS = frozenset(_NAMES.split())


def _doubtful_calls(node: Any) -> Iterator[tuple[str, Any]]:
    """Give the (name, call) of each function call that may have changed something."""
    for call in descend(node):
        if message(call) == "FuncCall":
            *schema, name = strings(call.funcname)
            if schema not in ([], ["pg_catalog"]) or name not in _HARMLESS:
                yield ".".join([*schema, name]), call


def changes_data(node: Any, made: Made) -> None:
    """Accept statements that write only the file's own tables and call nothing unknown."""
    for inner in descend(node):
        if message(inner) in {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}:
            _writes_own_table(inner, made)
    for name, call in _doubtful_calls(node):
        if name.rpartition(".")[2] != "setval" or not _sets_own_sequence(call, made):
            raise Impossible(f"what {name}() changes cannot be told from the file")


def _writes_own_table(node: Any, made: Made) -> None:
    """Hold against tables alone: rows written through a view land in the tables below it."""
    for place in addressed(node):
        name = QualifiedName(place.schema, place.name)
        if place in made.watched:
            raise Impossible(f"what the trigger or rule on {name} does to other tables cannot be told from the file")
        if not made.is_table(place):
            raise Impossible(f"it changes data in {name}, a table that this file did not create")


def _sets_own_sequence(call: Any, made: Made) -> bool:
    first = unwrap(call.args[0]) if call.args else None
    first = unwrap(first.arg) if first is not None and message(first) == "TypeCast" else first
    if first is None or message(first) != "A_Const":
        return False
    return made.owner(of_relation(QualifiedName.read(first.sval.sval))) is not None


def copy(node: Any, made: Made) -> None:
    if node.is_program or (not node.is_from and node.filename):
        raise Impossible("it reaches out of the database")
    if node.is_from:
        _writes_own_table(node, made)
    elif node.HasField("query"):
        changes_data(unwrap(node.query), made)


def truncate(node: Any, made: Made) -> None:
    if enum_name(node, "behavior") == "DROP_CASCADE":
        raise Impossible("CASCADE may have emptied other tables too")
    _writes_own_table(node, made)
