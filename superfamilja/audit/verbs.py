"""Name the acts on the screen. Each app registers its own; an act without words shows its verb."""

from collections.abc import Mapping

from django.utils.functional import Promise

SPOKEN: dict[str, Promise] = {}


def register(words: Mapping[str, Promise]) -> None:
    """Store an app's verbs and their words; AppConfig.ready calls it.

    Raises ValueError for a verb that another app has registered.
    """
    if twice := SPOKEN.keys() & words.keys():
        raise ValueError(f"These verbs have words already: {', '.join(sorted(twice))}.")
    SPOKEN.update(words)


def spoken_verb(verb: str) -> str:
    """Return the words of a verb in the current language: open_group → «Group opened»."""
    return str(SPOKEN[verb]) if verb in SPOKEN else verb.replace("_", " ")
