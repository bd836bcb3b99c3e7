"""The pages of one's own account."""

from django.urls import path

from compliance.accounts import views

app_name = "account"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("second-factor/", views.Token.as_view(), name="token"),
    path("second-factor/set-up/", views.Enrol.as_view(), name="enrol"),
    path("second-factor/codes/", views.Codes.as_view(), name="codes"),
    path("sessions/<int:key>/end/", views.EndSession.as_view(), name="end_session"),
]
