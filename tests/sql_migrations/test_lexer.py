"""What psql reads in a file and PostgreSQL's parser does not: inline COPY data and backslash commands."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sql_migrations.errors import MetaCommand
from sql_migrations.syntax.lexer import lex, skip_blanks
from webqx import binaries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Each piece is closed in itself, so that any row of them is a text in which no backslash is a command.
QUOTED = [
    "'a;b'",
    "'it''s \\ here'",
    r"E'it\'s; \\'",
    "e'one'\n  'still \\' escaped'",
    "U&'\\0041'",
    '"na;me\\"',
    '"quo""ted"',
    "$$ ; \\d ' $$",
    "$a$ $b$ \\i x $b$ $$ $a$",
    "$é$ ; \\x $é$",
    "-- it's \\d; a comment\n",
    "/* \\d ' /* nested; */ \\q */",
    "name$with$dollars",
    "tablee'\\'",
    "größe",
    "a - b / c",
    ";",
    "\r\n",
    "\t",
    "1.5",
]


def data_of(text: str) -> list[str]:
    return [text[start:end] for start, end in lex(text, file="f.sql").copies.values()]


@given(st.lists(st.sampled_from(QUOTED)).map(" ".join))
def test_a_backslash_inside_quotes_or_comments_is_no_command(text: str) -> None:
    assert lex(text, file="f.sql").blanked == text


@given(st.lists(st.sampled_from(QUOTED)).map(" ".join))
def test_a_backslash_after_any_quotes_and_comments_is_a_command(text: str) -> None:
    with pytest.raises(MetaCommand, match=r"\\i is a command of psql") as caught:
        lex(f"{text} \n\\i other.sql\n", file="f.sql")

    assert (caught.value.line, caught.value.column) == (text.count("\n") + 2, 1)


@given(
    st.lists(st.sampled_from([*QUOTED, ";\nCOPY t FROM stdin;\n1;\\N\té'\n\\.\n", "\n\\restrict Ab1\n"])).map("\n".join)
)
def test_blanking_keeps_the_length_and_every_newline(text: str) -> None:
    blanked = lex(text, file="f.sql").blanked

    assert [len(line) for line in blanked.split("\n")] == [len(line) for line in text.split("\n")]
    assert all(new in {old, " "} for old, new in zip(text, blanked, strict=True))


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("COPY t FROM stdin;\n1\t'\n\\N\n\\.\nSELECT 1;\n", ["1\t'\n\\N\n"]),
        ("copy\n  s.t (a, b)\n  From STDIN WITH (FORMAT csv);\n1;2\n\\.\n", ["1;2\n"]),
        ("COPY t FROM stdin; -- rows;\n1\n\\.\n", ["1\n"]),
        ("COPY t FROM stdin;\r\n1\r\n\\.\r\nSELECT 1;\r\n", ["1\r\n"]),
        ("COPY t FROM stdin;\n\\.\n", [""]),
        ("COPY t FROM stdin;\n1\n2", ["1\n2"]),
        ("COPY t FROM stdin;\n1\n\\.", ["1\n"]),
        ("COPY t FROM stdin;", [""]),
        ("COPY t FROM stdin;\na\\.\n\\.b\n\\.\n", ["a\\.\n\\.b\n"]),
        ("COPY a FROM stdin;\n1\n\\.\n-- it's b\nCOPY b FROM stdin;\n2\n\\.\n", ["1\n", "2\n"]),
        ("\\restrict Ab1\nCOPY a FROM stdin;\n1\n\\.\n\\unrestrict Ab1\n", ["1\n"]),
        ('COPY "odd ""; from stdin" (b) FROM stdin;\n1\n\\.\n', ["1\n"]),
        ("/* a /* b */ */ COPY t FROM /* ; */ stdin;\n1\n\\.\n", ["1\n"]),
    ],
)
def test_copy_data_is_found(text: str, data: list[str]) -> None:
    assert data_of(text) == data


def test_copies_on_one_line_read_one_block_of_data_after_the_other() -> None:
    text = "COPY a FROM stdin; COPY b FROM stdin; SELECT /* open\n1\n\\.\n2\n\\.\n closed */ 3;"

    assert data_of(text) == ["1\n", "2\n"]
    assert lex(text, file="f.sql").blanked.endswith(" closed */ 3;")


@pytest.mark.parametrize(
    "text",
    [
        "COPY t TO stdout;\n",
        "COPY (SELECT a FROM stdin) TO stdout;\n",
        "COPY t FROM 'stdin';\n",
        "COPY t FROM PROGRAM 'stdin';\n",
        "SELECT 'COPY t FROM stdin;';\n",
        "-- COPY t FROM stdin;\n",
        "SELECT copy FROM stdin;\n",
        'COPY "from stdin" TO stdout;\n',
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ COPY t FROM stdin; $$;\n",
    ],
)
def test_what_only_looks_like_copy_from_stdin_has_no_data(text: str) -> None:
    assert data_of(f"{text}SELECT 'stays';\n") == []


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("SELECT 1;\n  \\i other.sql", "f.sql:2:3", r"\i is a command of psql"),
        ("\\! rm -rf /", "f.sql:1:1", r"\! is a command of psql"),
        ("SELECT 1 \\gset", "f.sql:1:10", r"\gset is"),
        ("SELECT 1 \\; SELECT 2", "f.sql:1:10", "write a plain semicolon"),
        ("SELECT 'a\\' \\x", "f.sql:1:13", r"\x is"),
        ("\\copy t FROM 'x'", "f.sql:1:1", "COPY … FROM stdin with the data below it"),
        ("\\d+", "f.sql:1:1", r"\d+ is"),
        ("\\restrict", "f.sql:1:1", "one key of letters and digits"),
        ("\\restrict a \\! rm", "f.sql:1:1", r"\restrict is"),
        ("SELECT 1;\n\\.\n", "f.sql:2:1", "no such COPY stands above"),
        ("\\", "f.sql:1:1", "never run"),
        ("-- über\n\\connect x", "f.sql:2:1", "the database is chosen"),
    ],
)
def test_every_other_psql_command_is_refused_with_its_place_and_the_way_out(text: str, place: str, words: str) -> None:
    with pytest.raises(MetaCommand) as caught:
        lex(text, file="f.sql")

    assert str(caught.value).startswith(f"{place}: ")
    assert words in str(caught.value)


def test_the_restriction_of_pg_dump_is_accepted_and_blanked() -> None:
    text = "\\restrict Ab1\r\nSELECT 1;\n\\unrestrict Ab1"

    assert lex(text, file="f.sql").blanked == "              \nSELECT 1;\n               "


@pytest.mark.parametrize("text", ["SELECT 'open \\d", 'SELECT "open \\d', "/* open \\d", "SELECT $a$ open \\d $b$"])
def test_an_unclosed_quote_is_left_to_the_parser(text: str) -> None:
    assert lex(text, file="f.sql").blanked == text


def test_blanks_and_nested_comments_are_skipped() -> None:
    text = " -- a\n /* b /* c */ */\t;x"

    assert text[skip_blanks(text, 0) :] == ";x"
    assert text[skip_blanks(text, 0, also=";") :] == "x"


AS_PSQL_READS_IT = r"""
CREATE TABLE a (x text); CREATE TABLE b (x text);
COPY a FROM stdin; COPY b FROM stdin; INSERT INTO a VALUES /* open
one
\.
two
\.
 closed */ ('from the rest of the line');
COPY a FROM stdin; -- it's a comment
it's; $$ /* \\i x
\.
COPY b
 (x) FROM STDIN WITH (FORMAT csv);
"q;"
\.
INSERT INTO b VALUES (E'e1e\'2; \\i');
COPY/**/"a" FROM stdout;
out
\.
COPY b FROM stdin;
last
"""


def test_psql_finds_the_same_data(database_url: Callable[[], str], tmp_path: Path) -> None:
    url, file = database_url(), tmp_path / "file.sql"
    file.write_text(AS_PSQL_READS_IT)
    psql = [binaries.installed() / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url]

    subprocess.run([*psql, "-f", file], check=True)
    rows = subprocess.run([*psql, "-c", "TABLE a", "-c", "TABLE b"], check=True, capture_output=True, text=True)

    assert rows.stdout.split("\n") == [
        *["one", "from the rest of the line", "it's; $$ /* \\i x", "out"],
        *["two", "q;", "e1e'2; \\i", "last", ""],
    ]
    assert data_of(AS_PSQL_READS_IT) == [
        *["one\n", "two\n", "it's; $$ /* \\\\i x\n", '"q;"\n', "out\n", "last\n"],
    ]
