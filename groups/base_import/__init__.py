"""The subscriber base: one CSV file from the CRM, brought in whole contracts at a time."""

from groups.base_import.run import ImportRunningError, Outcome, import_base

__all__ = ["ImportRunningError", "Outcome", "import_base"]
