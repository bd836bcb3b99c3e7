"""The admin app with this project's site as the default one, on which everything is registered."""

from django.contrib.admin.apps import AdminConfig


class SiteConfig(AdminConfig):
    default_site = "webqx.site.Site"
