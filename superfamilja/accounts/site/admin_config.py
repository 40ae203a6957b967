"""Make the staff site the `admin.site` of every module."""

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    default_site = "superfamilja.accounts.sign_in.admin_site.StaffSite"
