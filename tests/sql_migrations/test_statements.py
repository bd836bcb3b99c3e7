"""A file's text becomes statements exactly where PostgreSQL's parser sees them."""

from __future__ import annotations

import postgast
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sql_migrations.errors import SyntaxInFile
from sql_migrations.statements import parse, tokens
from sql_migrations.syntax.lexer import skip_blanks

TRICKY = [
    "SELECT 1",
    "SELECT 'a;b', E'it\\'s;', U&'\\0041', \"c;d\" FROM \"quo\"\"ted;\"",
    "SELECT E'one'\n   'two\\';'",
    "-- first; line\nSELECT 'größe; 漢字' -- last; line\n",
    "/* a; /* nested; */ b; */ SELECT /* ; */ 2",
    "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $a$ BEGIN EXECUTE $b$ SELECT ';' $b$; RETURN $$1;$$; END $a$",
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
    "DO $$ BEGIN PERFORM 'é;'; END; $$",
    "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
    "CREATE TABLE \"t;\" (\r\n  a int, -- c;\r\n  b text DEFAULT ';'\r\n)",
    "BEGIN",
    "INSERT INTO t VALUES ('🏥', $é$;$é$)",
    "",
    " \n",
]


CLOSINGS = st.sampled_from([";", ";\n", " ;\r\n", ";;", "; /* é; */"])
ENDS = st.sampled_from(["", ";", "\n-- é", ";\n-- é; done\n"])


@given(st.lists(st.sampled_from(TRICKY)), CLOSINGS, ENDS)
def test_the_split_equals_the_parsers(parts: list[str], closing: str, end: str) -> None:
    text = closing.join(parts) + end

    script = parse(text, file="f.sql")

    for one, piece in zip(script.statements, postgast.split(text), strict=True):
        theirs = piece[skip_blanks(piece, 0) :].rstrip()
        assert script.sql(one).startswith(theirs)
        rest = script.sql(one)[len(theirs) :]
        assert skip_blanks(rest, 0, also=";") == len(rest)


@given(st.lists(st.sampled_from(TRICKY), min_size=1), CLOSINGS, ENDS)
def test_spans_tile_the_text(parts: list[str], closing: str, end: str) -> None:
    text = closing.join(["SELECT 0", *parts]) + end

    statements = parse(text, file="f.sql").statements

    assert "".join(text[one.start : one.end] for one in statements) == text
    assert all(text[one.end - 1] == ";" for one in statements[:-1])
    assert all(one.first == skip_blanks(text, one.start, also=";") for one in statements)


@pytest.mark.parametrize("text", ["", "\n", "-- nothing\n", "/* a /* b */ */", ";;\n;", "\ufeff"])
def test_a_file_without_sql_has_no_statements(text: str) -> None:
    assert parse(text, file="f.sql").statements == ()


def test_a_statement_says_its_kind_and_where_it_begins() -> None:
    script = parse("-- é; why\nCREATE TABLE t ();\r\n\r\n/* 漢 */ CREATE INDEX ON t (a)", file="f.sql")

    assert [(one.kind, script.text[one.first :][:12]) for one in script.statements] == [
        ("create_stmt", "CREATE TABLE"),
        ("index_stmt", "CREATE INDEX"),
    ]
    assert script.sql(script.statements[0]) == "CREATE TABLE t ();"


def test_a_word_of_sql_inside_a_string_is_no_statement() -> None:
    script = parse("INSERT INTO t VALUES ('; DROP TABLE t; COMMIT;', $$; BEGIN; $$);", file="f.sql")

    assert [one.kind for one in script.statements] == ["insert_stmt"]


def test_a_byte_order_mark_is_no_part_of_the_first_statement() -> None:
    (one,) = parse("\ufeffSELECT 1", file="f.sql").statements

    assert one.first == 1


def test_copy_data_belongs_to_its_statement_and_is_blanked() -> None:
    script = parse("SELECT 'é';\nCOPY t FROM stdin;\n1\tö;\n\\.\nSELECT 2;\n", file="f.sql")

    _, copy, after = script.statements
    assert copy.data is not None
    assert script.text[slice(*copy.data)] == "1\tö;\n"
    assert script.sql(copy) == "COPY t FROM stdin;"
    assert script.sql(after) == "SELECT 2;"
    assert len(script.blanked) == len(script.text)


def test_copy_without_a_semicolon_has_no_data() -> None:
    script = parse("COPY t FROM stdin", file="f.sql")

    assert script.statements[0].data == (17, 17)


@pytest.mark.parametrize("statement", ["COPY t FROM '/x'", "COPY t TO stdout", "COPY t FROM PROGRAM 'x'"])
def test_other_copies_have_no_data(statement: str) -> None:
    assert parse(f"{statement};", file="f.sql").statements[0].data is None


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("SELECT 'é',\n  'ü' FORM t;", "f.sql:2:12", 'near "t"'),
        ("SELECT 'é", "f.sql:1:8", "never closed"),
        ('SELECT "é', "f.sql:1:8", "never closed"),
        ("SELECT 1; /* é /* ", "f.sql:1:11", "never closed"),
        ("SELECT 1;\nDO $a$ x $b$", "f.sql:2:4", "never closed"),
        ("SELECT 'é'; CREATE TABLE t (", "f.sql:1:29", "The last statement is not finished"),
        ("SELECT :name;", "f.sql:1:8", "Variables of psql"),
        ("CREATE TABLE `t` (a int);", "f.sql:1:14", "quotes names with"),
        ("SELECT 'é\0';", "f.sql:1:10", "NUL"),
        ("COPY t FROM stdin;\n1\t'\n\\.\nSELEC 1;", "f.sql:4:1", 'near "SELEC"'),
        ("SELECT 1;\nSELECT '\u2028';\nSELECT (\n1); SELECT E'\\xff';\nSELECT 3;", "f.sql:4", "invalid byte sequence"),
    ],
)
def test_broken_sql_is_refused_with_its_place(text: str, place: str, words: str) -> None:
    with pytest.raises(SyntaxInFile) as caught:
        parse(text, file="f.sql")

    assert str(caught.value).startswith(f"{place}: ")
    assert words in str(caught.value)


def test_the_caret_stands_under_the_place() -> None:
    with pytest.raises(SyntaxInFile) as caught:
        parse("SELECT 1;\nSELECT 'größe' FORM t;", file="f.sql")

    *_, source, caret = str(caught.value).splitlines()
    assert source[caret.index("^") :] == "t;"


@pytest.mark.parametrize(
    "statement",
    [
        "SET standard_conforming_strings = off",
        "SET LOCAL Standard_Conforming_Strings TO 'off'",
        "SET standard_conforming_strings = 0",
        "SELECT set_config('standard_conforming_strings', 'off', false)",
        "SELECT 1, pg_catalog.set_config('standard_conforming_strings', 'o' || 'ff', true)",
    ],
)
def test_a_file_that_changes_how_strings_are_read_is_refused(statement: str) -> None:
    with pytest.raises(SyntaxInFile, match=r"^f\.sql:2:1: standard_conforming_strings must stay on"):
        parse(f"SELECT 1;\n{statement};\nSELECT 'a\\';", file="f.sql")


@pytest.mark.parametrize(
    "text",
    [
        "SET standard_conforming_strings = on;",
        "SELECT set_config('standard_conforming_strings', 'on', false);",
        "RESET standard_conforming_strings;",
        "SELECT 'SET standard_conforming_strings = off';",
        "SET client_encoding = 'UTF8'; SELECT 'é';",
        "SET client_encoding = 'LATIN1'; SELECT 'plain';",
    ],
)
def test_settings_that_leave_the_reading_alone_are_accepted(text: str) -> None:
    assert parse(text, file="f.sql").statements


@pytest.mark.parametrize("statement", ["SET client_encoding = 'LATIN1'", "SET NAMES 'latin1'"])
def test_text_cannot_be_declared_to_be_in_another_encoding(statement: str) -> None:
    with pytest.raises(SyntaxInFile, match="client_encoding must stay UTF8"):
        parse(f"{statement}; SELECT 'é';", file="f.sql")


@pytest.mark.parametrize("chain", [" || 'a'", " UNION ALL SELECT 1"])
def test_a_deeply_nested_expression_is_read(chain: str) -> None:
    text = "SELECT 'a'" + chain * 1_000

    assert len(parse(text, file="f.sql").statements) == 1


def test_a_large_file_with_multibyte_text_is_cut_into_its_statements() -> None:
    line = "INSERT INTO größen VALUES (1, 'Ä;漢字', E'\\n', $$🏥;$$); -- ü\n"
    text = line * (1_200_000 // len(line))

    script = parse(text, file="f.sql")

    assert {script.sql(one) for one in script.statements[:-1]} == {line[: line.index(" --")]}
    assert len(script.statements) == 1_200_000 // len(line)


def hashed(text: str) -> str:
    return parse(text, file="f.sql").tokens_sha256()


@pytest.mark.parametrize(
    "edited",
    [
        "SELECT 1 ,\r\n'a' ;",
        "-- why\nSELECT 1, /* one /* two */ */ 'a';\n",
        "\\restrict Ab1\nSELECT 1,'a';\n\\unrestrict Ab1\n",
    ],
)
def test_an_edit_of_comments_or_white_space_keeps_the_hash(edited: str) -> None:
    assert hashed(edited) == hashed("SELECT 1,'a';")


@pytest.mark.parametrize(
    "edited", ["SELECT 2, 'a';", "SELECT 1, 'a ';", "SELECT 1, 'a'; SELECT 1;", "SELECT 1, '-- a';", 'SELECT 1, "a";']
)
def test_an_edit_of_sql_changes_the_hash(edited: str) -> None:
    assert hashed(edited) != hashed("SELECT 1, 'a';")


def test_tokens_that_would_read_the_same_when_joined_have_different_hashes() -> None:
    assert hashed("SELECT a b") != hashed("SELECT ab")


def test_an_edit_of_copy_data_changes_the_hash() -> None:
    assert hashed("COPY t FROM stdin;\n1\n\\.\n") != hashed("COPY t FROM stdin;\n2\n\\.\n")


def test_tokens_leave_comments_out_and_give_none_for_what_cannot_be_read() -> None:
    assert list(tokens("x := 'é' -- ;\n /* ; */;")) == ["x", ":=", "'é'", ";"]
    assert list(tokens("'open")) == []
