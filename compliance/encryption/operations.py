"""Migration operations that encrypt a column which has values already, make one plain again, and fill blind indexes.

    operations = [
        migrations.RemoveConstraint("patient", "patients_ssn_once"),
        EncryptField("patient", "ssn", EncryptedCharField(max_length=11, null=True)),
        migrations.AddField("patient", "ssn_index", BlindIndex("ssn", by=normalising.digits)),
        FillIndex("patient", "ssn_index"),
        migrations.AddConstraint("patient", …),  # what sealed(), indexed() and once() make
    ]

With `atomic = False` in the migration each batch is committed by itself: people work on meanwhile, and a migration that
was stopped goes on where it was. docs/encryption.md says what that asks of the application's processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db.migrations.operations import AlterField
from django.db.migrations.operations.base import Operation, OperationCategory

from compliance.encryption import converting, quiet
from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState
    from django.db.models import Field


class _ConvertField(AlterField):
    """Another type of a column, with all of its values."""

    def __init__(self, model_name: str, name: str, field: Field[Any, Any], batch: int = quiet.BATCH) -> None:
        self.batch = batch
        super().__init__(model_name, name, field)

    def deconstruct(self) -> Any:
        name, args, options = super().deconstruct()
        return name, args, {**options, **({"batch": self.batch} if self.batch != quiet.BATCH else {})}

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        before = from_state.apps.get_model(app_label, self.model_name)
        after = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, after):
            return
        if schema_editor.collect_sql:
            schema_editor.collected_sql.append(f"-- {self.describe()}: the values pass through the application.")
            return
        converting.convert(schema_editor, before, after, self.name, batch=self.batch)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        self.database_forwards(app_label, schema_editor, from_state, to_state)

    def reduce(self, operation: Operation, app_label: str) -> Any:
        """Stay as it is: what follows needs its values."""
        return False


class EncryptField(_ConvertField):
    """Encrypts every value of a column; backwards, it makes them plain again."""

    def __init__(self, model_name: str, name: str, field: Field[Any, Any], batch: int = quiet.BATCH) -> None:
        if not isinstance(field, SealedField):
            raise ImproperlyConfigured(f"EncryptField makes {name} an encrypted field, such as EncryptedCharField.")
        super().__init__(model_name, name, field, batch)

    def describe(self) -> str:
        return f"Encrypt field {self.name} on {self.model_name}"


class DecryptField(_ConvertField):
    """Makes every value of a column plain; backwards, it encrypts them again."""

    def __init__(self, model_name: str, name: str, field: Field[Any, Any], batch: int = quiet.BATCH) -> None:
        if isinstance(field, SealedField):
            raise ImproperlyConfigured(f"DecryptField makes {name} a plain field, such as CharField.")
        super().__init__(model_name, name, field, batch)

    def describe(self) -> str:
        return f"Decrypt field {self.name} on {self.model_name}"


class FillIndex(Operation):
    """Makes the blind indexes of rows that were there before the index was; backwards, nothing needs to be done."""

    reversible = True
    category = OperationCategory.PYTHON

    def __init__(self, model_name: str, name: str, batch: int = quiet.BATCH) -> None:
        self.model_name, self.name, self.batch = model_name, name, batch

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: AddField has added the field."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if schema_editor.collect_sql or not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        converting.fill_index(schema_editor, model, self.name, batch=self.batch)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Leave the indexes: the column goes with the AddField before."""

    def describe(self) -> str:
        return f"Fill blind index {self.name} on {self.model_name}"
