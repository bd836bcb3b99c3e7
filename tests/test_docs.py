"""What the pages say exists: commands, links, options, exit codes, errors, settings, names and SQL."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
from django.core.management.base import CommandParser

import sql_migrations
from sql_migrations import importers, mishaps, names, statements, status
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.management.commands.sql_migrations import SUBCOMMANDS
from sql_migrations.subcommands import console

if TYPE_CHECKING:
    from collections.abc import Iterator

BASE = Path(__file__).resolve().parents[1]
PAGES = sorted(path for pattern in ("*.md", "docs/*.md", "sql_migrations/*.md") for path in BASE.glob(pattern))
USAGE_ERROR = 2  # argparse's


def page(name: str) -> str:
    return (BASE / name).read_text(encoding="utf-8")


def sections(text: str) -> dict[str, str]:
    """Cut a page at its headings of the second level: first word of the heading, without backquotes -> text."""
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {part.split()[0].strip("`:"): part for part in parts}


def first_cells(text: str) -> list[str]:
    """List what stands in backquotes in the first cell of each row of the tables."""
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    return [found for cell in rows for found in re.findall(r"`([^`]+)`", cell)]


def options_of(subcommand: str) -> set[str]:
    parser = CommandParser()
    SUBCOMMANDS[subcommand].arguments(parser)
    return {option for action in parser._actions for option in action.option_strings if option.startswith("--")}


def subclasses(base: type[Exception]) -> Iterator[type[Exception]]:
    for one in base.__subclasses__():
        yield one
        yield from subclasses(one)


def anchors(text: str) -> set[str]:
    """Give the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.fixture(scope="module")
def error_names() -> set[str]:
    """Name the engine's errors, those of modules that nothing has loaded yet among them."""
    for module in pkgutil.iter_modules(sql_migrations.__path__, "sql_migrations."):
        importlib.import_module(module.name)
    found = {one.__name__ for one in subclasses(SqlMigrationsError) if one.__module__.startswith("sql_migrations.")}
    return found | {SqlMigrationsError.__name__}


@pytest.fixture(scope="module")
def help_text() -> str:
    return subprocess.run([BASE / "deploy.sh", "help"], capture_output=True, text=True, check=True).stdout


def test_deploy_help_lists_every_command_that_a_page_prints(help_text: str) -> None:
    offered = set(re.findall(r"^  (\w+) ", help_text, flags=re.MULTILINE))
    printed = {word for path in PAGES for word in re.findall(r"\./deploy\.sh (\w+)", path.read_text(encoding="utf-8"))}

    assert printed - {"x", "SUBCOMMAND"} <= offered
    assert offered <= {word for cell in first_cells(page("README.md")) for word in cell.split()}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE)))
def test_links_lead_to_a_page_and_a_heading_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        assert linked.is_file(), target
        assert not anchor or anchor in anchors(linked.read_text(encoding="utf-8")), target


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE)))
def test_names_in_the_pages_follow_the_convention(path: Path) -> None:
    for name in re.findall(r"\b\d{8}_\d{6}_\w+(?:\.down)?\.sql", path.read_text(encoding="utf-8")):
        names.check_name(name.replace(names.DOWN, ".sql"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE)))
def test_sql_in_the_pages_is_sql(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    examples = re.findall(r"```sql\n(.*?)```", text, flags=re.DOTALL) + re.findall(
        r"<<'SQL'\n(.*?)^SQL$", text, flags=re.DOTALL | re.MULTILINE
    )
    for example in examples:
        assert statements.parse(example, file=path.name).statements


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE)))
def test_pages_name_only_subcommands_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    called = set(re.findall(r"manage(?:\.py)? sql_migrations (\w+)", text)) - {"SUBCOMMAND"}

    assert called <= set(SUBCOMMANDS)


def test_every_subcommand_has_a_section_and_no_other_has_one() -> None:
    described = {name for name, text in sections(page("docs/sql-migrations.md")).items() if text.startswith("`")}

    assert described == set(SUBCOMMANDS)


@pytest.mark.parametrize("subcommand", SUBCOMMANDS)
def test_the_page_of_subcommands_has_their_options_and_no_others(subcommand: str) -> None:
    found = sections(page("docs/sql-migrations.md"))
    shared = {"--help", "--json"} | set(re.findall(r"--[a-z-]+", " ".join(first_cells(found["Another"]))))
    described = set(re.findall(r"`(--[a-z-]+)", found[subcommand])) | set(
        re.findall(rf"sql_migrations {subcommand}\b.*?(--[a-z-]+)", found[subcommand])
    )

    assert described - shared <= options_of(subcommand)
    assert options_of(subcommand) - shared <= described


def test_the_exit_codes_of_the_page_are_those_of_the_code() -> None:
    table = sections(page("docs/sql-migrations.md"))["Exit"]
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)}

    assert codes == {console.OK, console.REFUSED, USAGE_ERROR, console.FOUND, mishaps.INTERRUPTED}


def test_argparse_leaves_with_the_code_that_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    SUBCOMMANDS["new"].arguments(parser)

    with pytest.raises(SystemExit) as left:
        parser.parse_args(["--no-such-option", "a file"])

    assert left.value.code == USAGE_ERROR
    assert "--no-such-option" in capsys.readouterr().err


def test_every_state_of_a_file_is_explained() -> None:
    assert set(first_cells(sections(page("docs/sql-migrations.md"))["status"])) == set(get_args(status.State))


def test_every_error_is_explained_on_the_page_for_it(error_names: set[str]) -> None:
    text = page("docs/when-it-fails.md")

    assert {name for name in error_names if f"`{name}`" not in text} == set()


def test_the_page_of_errors_names_no_error_that_is_gone(error_names: set[str]) -> None:
    named = set(
        re.findall(r"^\| (?:.*\| )?\[?`([A-Z][a-z]+[A-Za-z]+)`", page("docs/when-it-fails.md"), flags=re.MULTILINE)
    )

    assert named <= error_names


def test_every_layout_is_described() -> None:
    table = sections(page("docs/importing.md"))["Layouts"]

    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)) == set(importers.LAYOUTS)


def test_every_variable_of_the_environment_is_described() -> None:
    sources = page("webqx/environment.py") + page("webqx/encryption.py")
    read = re.findall(r'(?:text|flag|items|number|networks)\("([A-Z_]+)"', sources)
    offered = re.findall(r"^#?([A-Z_]+)=", page(".env.example"), flags=re.MULTILINE)

    assert read
    assert set(read) | set(offered) <= set(first_cells(page("docs/settings.md")))


def test_every_setting_of_the_engine_is_described_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (BASE / "sql_migrations").rglob("*.py")]
    used = {name for text in sources for name in re.findall(r'settings, "(SQL_MIGRATIONS_[A-Z_]+)"', text)}
    described = {cell for cell in first_cells(page("docs/settings.md")) if cell.startswith("SQL_MIGRATIONS_")}

    assert described == used


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(BASE)))
def test_pages_name_no_folder_of_one_machine(path: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:tmp|home|root|work)/", path.read_text(encoding="utf-8"))
