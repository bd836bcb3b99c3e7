"""deploy.sh installs once, finds its way from anywhere, and passes on what its commands say."""

from __future__ import annotations

import shlex
import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.webqx.checkout import BASE, Checkout

if TYPE_CHECKING:
    from pathlib import Path

APPS = ("sql_migrations", "compliance", "patients", "providers", "appointments", "records")
# What deploy.sh itself calls. Its tests have nothing else on PATH: no Python and no uv but those below.
TOOLS = ("bash", "cat", "cksum", "dirname", "env", "flock", "mkdir", "readlink", "rm", "rmdir", "sed", "sleep")

# Stands in for uv, which would need the network: notes its groups and makes .venv of the tests' own Python.
UV = f"""\
#!/bin/sh
[ "$UV_PYTHON_DOWNLOADS $1 $2 $3 $4" = "never sync --quiet --locked --project" ] || exit 9
[ "$6" = --python ] && [ -x "$7" ] || exit 9
shift 7
echo "$*" >> "$CALLS"
sleep 0.2
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
{shutil.which("cp")} "$PYTHON" "$UV_PROJECT_ENVIRONMENT/bin/python"
"""


class Deploy(Checkout):
    """A checkout with deploy.sh, in a path with spaces, and folders beside it to make a PATH of."""

    @property
    def beside(self) -> Path:
        return self.folder.parent

    def settings(self, path: str) -> dict[str, str]:
        folders = ":".join(str(self.beside / name) for name in path.split())
        return {"PATH": folders, "CALLS": str(self.beside / "calls"), "PYTHON": str(self.beside / "python" / "python3")}

    def __call__(
        self,
        *arguments: str,
        path: str = "tools python uv",
        cwd: Path | None = None,
        script: Path | None = None,
        **settings: str,
    ) -> tuple[int, str, str]:
        """Run deploy.sh; returns its exit code and what it wrote to stdout and to stderr."""
        done = self.run(script or self.folder / "deploy.sh", *arguments, cwd=cwd, **self.settings(path) | settings)
        return done.returncode, done.stdout, done.stderr

    def calls(self) -> list[str]:
        """Which options for groups uv was given, call by call."""
        file = self.beside / "calls"
        return file.read_text().splitlines() if file.exists() else []

    def program(self, name: str, script: str) -> None:
        file = self.beside / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(script)
        file.chmod(0o755)


@pytest.fixture
def deploy(checkout: Checkout) -> Deploy:
    deploy = Deploy(checkout.folder)
    for name in ("deploy.sh", "manage.py", "pyproject.toml", "uv.lock", ".env.example"):
        shutil.copy2(BASE / name, deploy.folder / name)
    for app in APPS:
        shutil.copytree(BASE / app, deploy.folder / app, ignore=shutil.ignore_patterns("__pycache__"))
    for tool in TOOLS:
        if found := shutil.which(tool):
            deploy.program(f"tools/{tool}", f'#!/bin/sh\nexec {found} "$@"\n')
    deploy.program("python/python3", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    deploy.program("uv/uv", UV)
    return deploy


def test_it_installs_once_and_then_starts_neither_uv_nor_the_systems_python(deploy: Deploy) -> None:
    assert deploy("install")[0] == 0
    assert deploy("install", path="tools") == (0, "", "")
    assert deploy.calls() == [""]


def test_a_changed_lock_file_is_installed_again(deploy: Deploy) -> None:
    deploy("install")
    with (deploy.folder / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    deploy("install")
    deploy("install")

    assert len(deploy.calls()) == 2


def test_what_tests_need_is_added_and_stays(deploy: Deploy) -> None:
    deploy("install")
    deploy("install", "test")
    deploy("install")
    deploy("install", "quality")
    deploy("install", "test")

    assert deploy.calls() == ["", "--group test", "--group test --group quality"]


def test_an_interrupted_installation_is_done_again(deploy: Deploy) -> None:
    deploy("install")
    deploy.program("uv/uv", "#!/bin/sh\nexit 7\n")
    code, _, problem = deploy("install", "test")
    assert code == 1
    assert "uv could not install" in problem

    deploy.program("uv/uv", UV)
    deploy("install")
    assert len(deploy.calls()) == 2


@pytest.mark.parametrize("path", ["tools python uv", "portable python uv"])
def test_two_at_once_install_once(deploy: Deploy, path: str) -> None:
    shutil.copytree(deploy.beside / "tools", deploy.beside / "portable")
    (deploy.beside / "portable" / "flock").unlink(missing_ok=True)

    both = [deploy.start(deploy.folder / "deploy.sh", "install", **deploy.settings(path)) for _ in range(2)]
    ended = [process.communicate() and process.returncode for process in both]

    assert ended == [0, 0]
    assert len(deploy.calls()) == 1


def test_it_says_which_pythons_it_looked_for(deploy: Deploy) -> None:
    deploy.program("old/python3", '#!/bin/sh\necho "it is 3.9"\nexit 1\n')

    code, _, problem = deploy("install", path="tools old uv")

    assert code == 1
    assert "python3.13 (not found), python3.12 (not found), python3.11 (not found), python3 (it is 3.9)." in problem
    assert "WEBQX_PYTHON=" in problem
    assert deploy.calls() == []


def test_a_python_that_is_named_is_used_even_with_spaces_in_its_path(deploy: Deploy) -> None:
    deploy.program("named python/py", (deploy.beside / "python" / "python3").read_text())

    code, _, problem = deploy("install", path="tools uv", WEBQX_PYTHON=str(deploy.beside / "named python" / "py"))

    assert (code, problem) == (0, "Installing into .venv what uv.lock names\n")


def test_without_uv_and_without_ensurepip_it_says_what_to_install(deploy: Deploy) -> None:
    deploy.program("broken/python3", '#!/bin/sh\n[ "$1" = -c ] && echo "$0" && exit 0\nexit 1\n')

    code, _, problem = deploy("install", path="tools broken")

    assert code == 1
    assert "apt install python3-venv" in problem


def test_it_works_from_elsewhere_through_links(deploy: Deploy) -> None:
    elsewhere = deploy.beside / "else where"
    elsewhere.mkdir()
    (elsewhere / "one").symlink_to(deploy.folder / "deploy.sh")
    (elsewhere / "two").symlink_to("one")

    code, shown, problem = deploy("manage", "version", script=elsewhere / "two", cwd=elsewhere, CDPATH=str(elsewhere))

    assert code == 0, problem
    assert shown.startswith("5.")
    assert (deploy.folder / ".venv" / "webqx-installed").exists()


def test_a_newcomer_migrates_and_a_dropped_in_file_is_applied(deploy: Deploy) -> None:
    code, shown, problem = deploy("migrate")
    assert code == 0, problem
    assert "Applying sql_migrations.20240115_143000_create_users_table... OK" in shown

    assert "No migrations to apply." in deploy("migrate")[1]

    name = f"{datetime.now(UTC):%Y%m%d_%H%M%S}_dropped_in"
    (deploy.folder / "sql_migrations" / f"{name}.sql").write_text("CREATE TABLE dropped_in (id integer);\n")
    code, shown, problem = deploy("migrate")
    assert code == 0, problem
    assert f"Applying sql_migrations.{name}... OK" in shown


def test_it_passes_on_arguments_and_exit_codes(deploy: Deploy) -> None:
    code, _, problem = deploy("manage", "no such command")
    assert (code, problem.splitlines()[-2]) == (1, "Unknown command: 'no such command'")

    code, shown, problem = deploy("psql", "-At", "-c", "SELECT 'a b', current_user", "-c", "SELECT 1/0")
    assert (code, shown) == (1, "a b|webqx_owner\n")
    assert "division by zero" in problem

    assert deploy("stop")[:2] == (0, "Stopped the built-in PostgreSQL.\n")
    assert deploy("status")[0] == 3


def test_stopping_where_nothing_is_installed_installs_nothing(deploy: Deploy) -> None:
    assert deploy("stop") == (1, "", "WebQx: nothing is installed here yet, so nothing runs.\n")
    assert deploy.calls() == []


def test_help_names_every_command(deploy: Deploy) -> None:
    code, shown, _ = deploy("help", path="tools")

    assert code == 0
    assert all(f"\n  {name} " in shown for name in ("migrate", "test", "serve", "status", "manage", "psql", "stop"))


def test_an_unknown_command_names_the_way_out(deploy: Deploy) -> None:
    assert deploy("migrat") == (1, "", "WebQx: there is no command migrat. See: ./deploy.sh help\n")
