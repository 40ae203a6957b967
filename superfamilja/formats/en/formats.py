"""English with the same dates and amounts as Albanian, so that nobody misreads one."""

from superfamilja.formats.sq.formats import *  # noqa: F403
