"""Run the processes beside the web server: worker, line of 130, the demonstration's simulator."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread

from superfamilja.launcher.processes import VENV_PYTHON, child

# Its exit status when there is nothing to simulate: no demonstration, or a real system.
NOT_NEEDED = 3
_PAUSE = 2.0  # seconds before an ended process is started again
_CONCURRENCY = 8


@contextmanager
def kept_running(port: int) -> Iterator[None]:
    """Keep the processes running inside the block; restart one that ends by itself."""
    env = {"PORT": str(port)}
    simulator = [
        "charging_simulator",
        "--callbacks",
        f"http://127.0.0.1:{port}/callbacks/charging/",
    ]
    with ExitStack() as all_of_them:
        all_of_them.enter_context(_kept_running(simulator, env))
        all_of_them.enter_context(
            _kept_running(["worker"], {**env, "DATABASE_POOL_SIZE": str(_CONCURRENCY)})
        )
        all_of_them.enter_context(_kept_running(["answer_130"], env))
        yield


@contextmanager
def _kept_running(arguments: list[str], env: dict[str, str]) -> Iterator[None]:
    over = Event()
    keeper = Thread(target=_keep, args=(arguments, env, over))
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()


def _keep(arguments: list[str], env: dict[str, str], over: Event) -> None:
    command = [str(VENV_PYTHON), "manage.py", *arguments]
    while not over.is_set():
        with child(command, env) as process:
            while process.poll() is None and not over.wait(0.1):
                pass
        if process.returncode == NOT_NEEDED:
            return
        if not over.is_set():
            print(f"{arguments[0]} u ndal vetë; niset sërish. / ended by itself; started again.")
            over.wait(_PAUSE)
