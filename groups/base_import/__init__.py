"""Import the subscriber base: one CSV file of the CRM, whole contracts at a time."""

from groups.base_import.run import BaseImportOutcome, ImportRunningError, import_base

__all__ = ["BaseImportOutcome", "ImportRunningError", "import_base"]
