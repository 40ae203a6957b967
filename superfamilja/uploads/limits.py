"""How much of a scan is taken. Read by the portal and by the process that draws."""

MEGABYTE = 1024 * 1024

LARGEST_FILE = 20 * MEGABYTE
MOST_PAGES = 10
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 2_400  # pixels: more than a person sees, on paper or screen
PDF_DPI = 150
LONGEST_CODE, MOST_CODES = 100, 20  # letters of one QR code; codes of a page

# What one file may cost: seconds of work, seconds until the portal stops waiting, memory.
CPU_SECONDS = 20
WAIT_SECONDS = 30
READ_CODES_UNTIL = 12  # of those seconds; the rest is for drawing
MEMORY = 1024 * MEGABYTE
