"""What the acts are called on the screen. Each app registers its own; an act without words shows
its name."""

from collections.abc import Mapping

from django.utils.functional import Promise

SPOKEN: dict[str, Promise] = {}


def register(words: Mapping[str, Promise]) -> None:
    """Take an app's verbs and their words; called from AppConfig.ready.

    Raises ValueError for a verb that another app has registered.
    """
    if twice := SPOKEN.keys() & words.keys():
        raise ValueError(f"These verbs have words already: {', '.join(sorted(twice))}.")
    SPOKEN.update(words)


def spoken_verb(verb: str) -> str:
    """open_group → «Group opened», in the language in use."""
    return str(SPOKEN[verb]) if verb in SPOKEN else verb.replace("_", " ")
