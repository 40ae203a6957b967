"""Limits of a scan, for the portal and for the process that draws."""

MEGABYTE = 1024 * 1024

LARGEST_FILE = 20 * MEGABYTE
MOST_PAGES = 10
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_400  # pixels: more than a person sees on paper or screen
PDF_DPI = 150
LONGEST_CODE, MOST_CODES = 100, 20  # letters of one QR code; codes on one page

# Limits of one file: seconds of work, seconds that the portal waits, memory.
CPU_SECONDS = 20
WAIT_SECONDS = 30
READ_CODES_UNTIL = 12  # of those seconds; drawing gets the rest
MEMORY = 1024 * MEGABYTE
