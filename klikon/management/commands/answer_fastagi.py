"""`manage.py answer_fastagi`: answer the calls of the carrier's Asterisk."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from klikon.ivr.answering import get_ready, threads
from klikon.ivr.fastagi import FastAgi


class Command(BaseCommand):
    help = "Answer 130 for the carrier's Asterisk, over FastAGI, until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        if len(settings.IVR_FASTAGI_SECRET) < 16:
            raise CommandError("Set IVR_FASTAGI_SECRET, 16 characters or more: docs/telephony.md.")
        get_ready()
        asyncio.run(_serve(settings.IVR_FASTAGI_HOST, settings.IVR_FASTAGI_PORT))


async def _serve(host: str, port: int) -> None:
    over = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, over.set)
    with threads() as pool:
        calls = FastAgi(pool)
        async with await calls.serve(host, port) as server:
            print(f"130: FastAGI {host}:{port}", flush=True)
            await over.wait()
            server.close()  # no new calls
            await calls.stop()
