#!/usr/bin/env bash
# Installs what is missing, then does what it was asked. Needs Python 3.11 or newer and, the first time, the network.
set -euo pipefail

usage() {
    cat <<'HELP'
Usage: ./deploy.sh COMMAND [ARGUMENT…]
  migrate …     apply the whole plan, ORM and SQL (arguments as for manage.py migrate)
  test …        run the tests on a PostgreSQL of their own (arguments as for pytest)
  serve …       run the development server (arguments as for manage.py runserver)
  status        show the database server and the state of the SQL migrations
  manage …      run any manage.py command
  psql …        open psql on the database (arguments as for psql)
  stop          stop the built-in PostgreSQL
  install …     only install; arguments are dependency groups: test, quality
  help          show this
Settings come from the environment or .env: see .env.example.
HELP
}

fail() { printf 'WebQx: %s\n' "$@" >&2; exit 1; }

# The folder of this file itself, wherever it is called from and through whichever links.
self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in /*) self=$link ;; *) self=$(dirname "$self")/$link ;; esac
done
root=$(CDPATH='' cd -P -- "$(dirname -- "$self")" && pwd)
python=$root/.venv/bin/python
stamp=$root/.venv/webqx-installed
lock=$root/.local/deploy.lock

# Prints the path of the first Python that is new enough; .venv's own comes first, so that it is not rebuilt needlessly.
find_python() {
    local candidate found looked=''
    set -- "$python" python3.13 python3.12 python3.11 python3
    [ -z "${WEBQX_PYTHON:-}" ] || set -- "$WEBQX_PYTHON"
    for candidate; do
        found=$("$candidate" -c 'import sys; v = sys.version_info
print(sys.executable if v >= (3, 11) else "it is %d.%d" % v[:2]); sys.exit(v < (3, 11))' 2>/dev/null) &&
            printf '%s\n' "$found" && return
        [ "$candidate" = "$python" ] || looked+="${looked:+, }$candidate (${found:-not found})"
    done
    fail "no Python 3.11 or newer. Looked for: $looked." \
        "Install one, or name one: WEBQX_PYTHON=/path/to/python3.12 ./deploy.sh"
}

# Prints the path of uv: the one on PATH, or one that pip puts into .local/uv.
find_uv() {
    local uv=$root/.local/uv/bin/uv
    command -v uv && return
    if [ ! -x "$uv" ]; then
        echo "Installing uv into .local/uv" >&2
        "$1" -m venv --clear "$root/.local/uv" >&2 || fail "$1 cannot make a virtual environment (see above)." \
            "Install its venv module (Debian: apt install python3-venv), or uv: https://docs.astral.sh/uv/"
        "$root/.local/uv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.8' >&2 ||
            fail "pip cannot install uv (see above). Is there a network? Or install uv: https://docs.astral.sh/uv/"
    fi
    printf '%s\n' "$uv"
}

# What .venv is made from. It has been made when the stamp's first line says the same.
wanted() { printf '%s python=%s\n' "$(cat "$root/uv.lock" "$root/pyproject.toml" | cksum)" "${WEBQX_PYTHON:-}"; }

# Whether .venv is up to date and has these dependency groups. No Python and no uv is started to find out.
installed() {
    local made='' groups='' group
    [ -x "$python" ] && [ -r "$stamp" ] && { read -r made && read -r groups; } <"$stamp" || return 1
    [ "$made" = "$(wanted)" ] || return 1
    for group in "$@"; do [[ " $groups " == *" $group "* ]] || return 1; done
}

sync() {
    local interpreter uv groups='' group options=()
    ! installed "$@" || return 0 # another process did it while this one waited
    interpreter=$(find_python)
    uv=$(find_uv "$interpreter")
    # Groups that an earlier command installed stay: migrate after test removes nothing.
    [ ! -r "$stamp" ] || groups=$(sed -n 2p "$stamp")
    for group in "$@"; do [[ " $groups " == *" $group "* ]] || groups+=" $group"; done
    for group in $groups; do options+=(--group "$group"); done
    echo "Installing into .venv what uv.lock names" >&2
    rm -f "$stamp"
    # The system's certificates, as pip takes them: a proxy's own may be among them.
    env -u VIRTUAL_ENV UV_SYSTEM_CERTS=true UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT="$root/.venv" \
        "$uv" sync --quiet --locked --project "$root" --python "$interpreter" ${options[@]+"${options[@]}"} ||
        fail "uv could not install (see above). Is there a network? If .venv is broken, remove it and try again."
    printf '%s\n%s\n' "$(wanted)" "$groups" >"$stamp"
}

# One process at a time installs. The lock's file is closed before anything else runs, or the server would hold it.
install() {
    ! installed "$@" || return 0
    mkdir -m 711 "$root/.local" 2>/dev/null || [ -d "$root/.local" ] || fail "the folder $root/.local cannot be made."
    if command -v flock >/dev/null; then
        (flock 9; sync "$@") 9>"$lock"
        return
    fi
    until mkdir "$lock.d" 2>/dev/null; do echo "Waiting for another deploy.sh, which made $lock.d" >&2; sleep 1; done
    (trap 'rmdir "$lock.d"' EXIT; sync "$@")
}

manage() { exec "$python" "$root/manage.py" "$@"; }
server() { PYTHONPATH=$root "$python" -m webqx.embedded "$@"; }

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
    migrate) install; manage migrate "$@" ;;
    test) install test; cd "$root"; [ $# -gt 0 ] || set -- -n auto; exec "$python" -m pytest "$@" ;;
    serve) install; manage runserver "$@" ;;
    status) install; server status; manage sql_migrations status "$@" ;;
    manage) install; manage "$@" ;;
    psql) install; server psql "$@" ;;
    stop) [ -x "$python" ] || fail "nothing is installed here yet, so nothing runs."; server stop ;;
    install) install "$@" ;;
    help | -h | --help) usage ;;
    *) fail "there is no command $command. See: ./deploy.sh help" ;;
esac
