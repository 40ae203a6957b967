"""The subscriber base: one CSV file from the CRM, brought in whole contracts at a time."""

from groups.base_import.run import BaseImportOutcome, ImportRunningError, import_base

__all__ = ["BaseImportOutcome", "ImportRunningError", "import_base"]
