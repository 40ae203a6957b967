"""Map the pages of staff sign-in. Pages of allauth that are not mounted cannot be reached."""

from allauth.account.views import LoginView, LogoutView, PasswordChangeView
from allauth.decorators import rate_limit
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.cache import never_cache

from superfamilja.accounts.requests import request_pages
from superfamilja.accounts.sign_in import views
from superfamilja.accounts.stores import store_choice

change_password = never_cache(
    login_required(rate_limit(action="change_password")(PasswordChangeView.as_view()))
)

urlpatterns = [
    path("sign-in/", LoginView.as_view(), name="account_login"),
    path("sign-in/code/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-out/", LogoutView.as_view(), name="account_logout"),
    path("sign-out/everywhere/", views.sign_out_everywhere, name="staff_sign_out_everywhere"),
    path("shop/", store_choice.choose_store, name="staff_choose_store"),
    path("account-notices/", request_pages.account_notices, name="staff_account_notices"),
    path("password/", change_password, name="account_change_password"),
    path("second-factor/", views.SetUpSecondFactor.as_view(), name="staff_set_up_second_factor"),
    path("second-factor/again/", views.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/new/",
        never_cache(GenerateRecoveryCodesView.as_view()),
        name="mfa_generate_recovery_codes",
    ),
]
