"""The admin, the pages of one's own account and, where mail can be sent, the way to a new password."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("account/", include("compliance.accounts.urls")),
    path("admin/", admin.site.urls),
]
if settings.PASSWORD_RESET:
    urlpatterns += [path("password/", include("compliance.accounts.reset_urls"))]
