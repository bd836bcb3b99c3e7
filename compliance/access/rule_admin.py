"""The policy on screen: the rules that the database holds, and all of it in words, role by role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.urls import path

from compliance.access.describing import sections
from compliance.access.policy import policy
from compliance.access.rule import AccessRule
from compliance.access.syncing import standing
from compliance.admin import ReadOnlyModelAdmin
from compliance.audit import recording

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


@admin.register(AccessRule)
class AccessRuleAdmin(ReadOnlyModelAdmin[AccessRule]):
    """Rules one by one; above them the way to the matrix."""

    list_display = ("id", "role", "purpose", "permission", "table_name", "action", "reach")
    list_filter = ("role", "purpose", "reach")
    list_before_template = "compliance/role_matrix_link.html"
    ordering = ("-id",)
    sortable_by = ()

    def get_urls(self) -> list[URLPattern]:
        matrix = self.admin_site.admin_view(self.matrix_view)
        return [path("matrix/", matrix, name="compliance_accessrule_matrix"), *super().get_urls()]

    def matrix_view(self, request: HttpRequest) -> HttpResponse:
        """Show the policy, and where the database holds something else."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        held = standing()
        recording.found(AccessRule, count=len(held), patients=())
        roles = sections(policy(), held)
        context = {
            **self.admin_site.each_context(request),
            "title": "Role matrix",
            "opts": self.opts,
            "roles": roles,
            "differs": any(role.extra or any(line.differs for line in role.lines) for role in roles),
        }
        return TemplateResponse(request, "compliance/role_matrix.html", context)
