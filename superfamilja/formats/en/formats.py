"""English for the same country: the same dates and amounts, so that nobody misreads one."""

from superfamilja.formats.sq.formats import *  # noqa: F403
