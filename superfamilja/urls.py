"""Map every address of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from superfamilja.accounts.requests import request_pages
from superfamilja.accounts.sign_in import views
from superfamilja.messages.transports import kannel_receipts

handler500 = "superfamilja.web.unavailable.server_error"
urlpatterns = [
    path("", include("klikon.portal.urls")),
    path("", include("superfamilja.customers.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("staff/", include("superfamilja.accounts.urls")),
    path("admin/login/", views.to_the_sign_in),
    path("admin/", include(request_pages.admin_urls)),
    path("admin/", include("groups.pages.urls")),
    path("admin/", include("billing.urls")),
    path("admin/", include("klikon.customer.urls")),
    path("admin/", include("klikon.ivr.pages.urls")),
    path("admin/", include("klikon.staff.urls")),
    path("admin/", include("klikon.provisioning.urls")),
    path("admin/", include("klikon.comparison.urls")),
    path("admin/", include("klikon.crm.urls")),
    path("admin/", admin.site.urls),
    path("desk/", include("klikon.desk.urls")),
    path("callbacks/", include("klikon.provisioning.line.callback_urls")),
    path("callbacks/sms/<str:token>/", kannel_receipts.receipt, name="sms_receipt"),
    path("callbacks/", include("klikon.crm.callback_urls")),
]
if settings.DEMONSTRATION:  # a system check refuses it in production
    urlpatterns += [path("demo/", include("klikon.demonstration.urls"))]
