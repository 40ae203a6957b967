"""Settings for benchmarks: those of the portal, for databases that are copied and dropped."""

from superfamilja.settings import *  # noqa: F403

# Without a mark outside: a copied database sells nothing where there is one (R36).
EPOCH_FILE = None
