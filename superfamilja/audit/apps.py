from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "superfamilja.audit"
    label = "audit"
