"""The portal as `make run` serves it, with one more address."""

from benchmarks.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.activation.web"
