"""`manage.py answer_130`: answer 130 on our own SIP line, for softphones and tests."""

import asyncio
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from klikon.ivr.answering import NOT_NEEDED, get_ready, threads
from klikon.ivr.sip.listener import Sip


class Command(BaseCommand):
    help = "Answer 130 over SIP until told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.IVR_SIP_PEERS and not settings.IVR_SIP_BELIEVES_PHONES_HERE:
            raise CommandError(
                "Nobody may call: name the carrier's switches in IVR_SIP_PEERS.",
                returncode=NOT_NEEDED,
            )
        get_ready()
        host, port = settings.IVR_SIP_HOST, settings.IVR_SIP_PORT
        try:
            asyncio.run(_serve(host, port))
        except OSError as error:
            raise CommandError(
                f"130 nuk përgjigjet: porta UDP {port} është e zënë ose e ndaluar. / "
                f"130 does not answer: UDP port {port} (IVR_SIP_PORT): {error.strerror}.",
                returncode=NOT_NEEDED,
            ) from error


async def _serve(host: str, port: int) -> None:
    over = asyncio.Event()
    with threads() as pool:
        server = Sip(pool)
        await server.start(host, port)
        for sign in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(sign, over.set)
        print(f"130 përgjigjet / answers: sip:130@{host}:{port} (make call)", flush=True)
        await over.wait()
        await server.stop()
