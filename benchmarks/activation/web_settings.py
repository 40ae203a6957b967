"""The portal as `make run` serves it, and one address more."""

from superfamilja.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.activation.web"
