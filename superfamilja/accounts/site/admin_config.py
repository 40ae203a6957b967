"""Makes the staff site the one that `admin.site` means everywhere."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "superfamilja.accounts.sign_in.admin_site.StaffSite"
