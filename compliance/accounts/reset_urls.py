"""The way to a new password, where mail can be sent. The first name is the one that the login looks for."""

from django.urls import path

from compliance.accounts import resetting

urlpatterns = [
    path("forgotten/", resetting.Ask.as_view(), name="admin_password_reset"),
    path("forgotten/sent/", resetting.Asked.as_view(), name="password_reset_done"),
    path("new/<uidb64>/<token>/", resetting.Choose.as_view(), name="password_reset_confirm"),
    path("new/done/", resetting.Chosen.as_view(), name="password_reset_complete"),
]
