"""`manage.py worker`: do the jobs that were stored with their facts. Ctrl-C ends it."""

import asyncio
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import environ
from django.core.management.base import BaseCommand
from django.db import connection
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from superfamilja.data import database_bounds

DELIVERED = "successful"  # such jobs are removed at once
GRACE = 8  # seconds that running jobs get when the worker is told to stop


class Command(BaseCommand):
    help = "Deliver orders and messages until told to stop. Any number of workers may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", help="names with commas; all of them unless given")
        parser.add_argument(
            "--concurrency", type=int, default=environ.Env().int("WORKER_CONCURRENCY", default=8)
        )

    def handle(self, *args: Any, **options: Any) -> None:
        database_bounds.bound_worker()
        connection.ensure_connection()  # starts the embedded server
        connection.close()
        wanted = {"queues": options["queues"].split(",")} if options["queues"] else {}
        with app.replace_connector(PsycopgConnector(kwargs=_parameters(), max_size=4)):
            asyncio.run(_work(options["concurrency"], **wanted))


async def _work(concurrency: int, **wanted: Any) -> None:
    # Jobs run in threads, and asyncio's own pool would be too small for the setting.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency))
    async with app.open_async():
        await app.run_worker_async(
            concurrency=concurrency,
            delete_jobs=DELIVERED,
            shutdown_graceful_timeout=GRACE,
            **wanted,
        )


def _parameters() -> dict[str, Any]:
    """Return the database's parameters without those of our own backend and of Django's pool."""
    return {
        name: value
        for name, value in connector_params().items()
        if name not in {"embedded_dir", "pool"}
    }
