"""Who acts, for what purpose, from where: said once by the application, and sent along with every statement.

The trigger on an audited table reads it from the setting `webqx.context`, which holds for one transaction. It travels
in the same message as the statement: outside a transaction the two then are one, a savepoint that is rolled back cannot
lose it, and a pooler in transaction mode cannot give it to somebody else's statement. It costs no round trip.

It guards against forgetting, not against whoever can send SQL of their own: they can say they are anybody. What the
database knows by itself, the login of the session, stands in every entry beside it.
"""

from __future__ import annotations

import contextlib
import json
import re
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from psycopg import ServerCursor, sql
from psycopg.pq import TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

    from compliance.accounts.models import User

SETTING = "webqx.context"
# What can write, or call a function that does. Other statements (SAVEPOINT, VACUUM, CREATE INDEX CONCURRENTLY …) go out
# alone: some of them are refused in company. A BEGIN in front of what can write takes the setting before it into its
# transaction: https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT
_CAN_WRITE = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/|[(;]|(?:begin|start\s+transaction)(?:\s+(?:work|transaction))?\s*;)*"
    r"(?:insert|update|delete|merge|with|select|call|do|values|table|explain|execute|fetch|copy)\b",
    re.IGNORECASE | re.DOTALL,
)
# What the columns of the trail have room for, in characters.
_ROOM = {"email": 254, "role": 50, "session": 64, "cid": 255, "purpose": 20, "source": 100}


@dataclass(frozen=True, slots=True)
class Context:
    """What is said of whoever acts. `addr` is the client's address, `source` the door: a path, a command, a file.

    `text` is all of it as JSON, `setting` the statement that says it to PostgreSQL; both are rendered once.
    """

    actor: int | None = None
    email: str | None = None
    role: str | None = None
    session: str | None = None
    cid: str | None = None
    addr: str | None = None
    port: int | None = None
    purpose: str | None = None
    source: str | None = None
    text: str = field(init=False, repr=False, compare=False, default="")
    setting: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        said = {name: value for name, value in asdict(self).items() if value is not None}
        text = json.dumps({name: value for name, value in said.items() if name not in {"text", "setting"}})
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "setting", _set(text))

    def fields(self) -> dict[str, Any]:
        """Give the same as fields of AuditLog."""
        return {
            "actor_id": self.actor,
            "actor_email": self.email,
            "actor_role": self.role,
            "session_digest": self.session,
            "cid": self.cid,
            "remote_addr": self.addr,
            "remote_port": self.port,
            "purpose_of_use": self.purpose,
            "source": self.source,
        }


_current: ContextVar[Context | None] = ContextVar("audit_context", default=None)


def current() -> Context | None:
    """Return what has been said, or None."""
    return _current.get()


@contextlib.contextmanager
def acting(user: User | None = None, **said: Any) -> Iterator[Context]:
    """Say who acts while a `with` lasts. What is not said again stays as the surrounding `with` said it."""
    before = _current.get() or Context()
    if user is not None and user.is_authenticated:
        said = {"actor": user.pk, "email": user.email, "role": user.role, "purpose": _purpose(user, before), **said}
    context = replace(before, **{name: _fitting(name, value) for name, value in said.items()})
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def _purpose(user: User, before: Context) -> str | None:
    """Keep what was said of this account or before anybody was named; another account acts for what its role is for."""
    stays = before.purpose is not None and before.actor in {None, user.pk}
    return before.purpose if stays else user.usual_purpose


def logged_in(user: User, session: str | None) -> None:
    """Let what follows in the surrounding `with` be the act of whoever has just logged in to it."""
    if (said := _current.get()) is not None:
        purpose = _purpose(user, said)
        _current.set(replace(said, actor=user.pk, email=user.email, role=user.role, session=session, purpose=purpose))


def logged_out() -> None:
    """Let what follows in the surrounding `with` be nobody's act: whoever was logged in to it is not any more."""
    if (said := _current.get()) is not None:
        _current.set(replace(said, actor=None, email=None, role=None))


def _fitting(name: str, value: Any) -> Any:
    """Make of a text what PostgreSQL takes: not too long, without NUL and without half of a surrogate pair."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "\ufffd").encode(errors="replace").decode()[: _ROOM.get(name)]


def _set(text: str) -> str:
    return f"SELECT set_config('{SETTING}', {sql.Literal(text).as_string(None)}, true);"


_UNSAY = _set("")


def listen(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let every statement of a connection carry the context, from the moment the connection is made."""
    if attributed not in connection.execute_wrappers:
        connection.execute_wrappers.append(attributed)


def attributed(execute: Callable[..., Any], statement: Any, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Run a statement with what has been said of whoever acts."""
    connection, cursor = context["connection"], context["cursor"].cursor
    if not (setting := _setting(connection)) or not _CAN_WRITE.match(_text(statement, cursor)):
        return execute(statement, params, many, context)
    if many or isinstance(cursor, ServerCursor) or connection.connection.pgconn.pipeline_status:
        with _said_first(connection, setting):
            return execute(statement, params, many, context)
    prefix = setting if params is None else setting.replace("%", "%%")
    result = execute(prefix + _text(statement, cursor), params, many, context)
    cursor.nextset()  # past the setting's own result
    return result


@contextlib.contextmanager
def saying_first(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Say who acts ahead of what cannot carry it along, in one transaction with it."""
    if setting := _setting(connection):
        with _said_first(connection, setting):
            yield
    else:
        yield


@contextlib.contextmanager
def _said_first(connection: BaseDatabaseWrapper, setting: str) -> Iterator[None]:
    with transaction.atomic(using=connection.alias, savepoint=False):
        with connection.connection.cursor() as alone:
            alone.execute(setting)
        yield


def _setting(connection: BaseDatabaseWrapper) -> str:
    """Give the statement that says who acts; one that unsays it, when an earlier one of this transaction said it.

    It is unsaid until the transaction ends: a savepoint that is rolled back brings back what was said before it.
    """
    if (said := _current.get()) is not None:
        connection.audit_said = True  # type: ignore[attr-defined]
        return said.setting
    if getattr(connection, "audit_said", False):
        if connection.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            return _UNSAY
        connection.audit_said = False  # type: ignore[attr-defined]
    return ""


def _text(statement: Any, cursor: Any) -> str:
    if isinstance(statement, sql.Composable):
        return statement.as_string(cursor)
    return statement.decode() if isinstance(statement, bytes) else str(statement)
