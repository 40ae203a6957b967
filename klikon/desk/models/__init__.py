"""The desk's own rows: requests, papers with their scans, letters, and the end of a day."""

from klikon.desk.models.day import DayEnd, Letter
from klikon.desk.models.draft import Draft, DraftState
from klikon.desk.models.paper import Blank, Paper, Scan, ScanCode, ScanPage

__all__ = [
    "Blank",
    "DayEnd",
    "Draft",
    "DraftState",
    "Letter",
    "Paper",
    "Scan",
    "ScanCode",
    "ScanPage",
]
