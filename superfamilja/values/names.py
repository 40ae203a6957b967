"""Search names as people type them: ë equals e, ç equals c, capitals do not count."""

import re

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Func, Value
from django.db.models.functions import Lower

from superfamilja.values import texts

# One table for Python and for the index in the database, because both must fold alike.
_MARKED = "ëçâàáäêèéîìíïôòóöûùúüñšžćč"
_PLAIN = "ecaaaaeeeiiiioooouuuunszcc"
SHORTEST = 3


def fold(text: str) -> str:
    """Return «perparim cela» for «Përparim Çela», in every Unicode spelling of its letters."""
    return texts.clean(text).lower().translate(str.maketrans(_MARKED, _PLAIN))


def folded(field: str) -> Func:
    """Return the same fold as a database expression."""
    return Func(Lower(field), Value(_MARKED), Value(_PLAIN), function="translate")


def words_of(field: str) -> SearchVector:
    """Return the words of a name, for an index.

    Words and not trigrams: two entries a row instead of fifteen, and the subscriber file is loaded
    with this index in place.
    """
    return SearchVector(folded(field), config="simple")


def beginning_with(text: str) -> SearchQuery | None:
    """Return a filter: a word of the name begins with each word of the text.

    None for a short text.
    """
    words = _words(text)
    if not words or max(map(len, words)) < SHORTEST:
        return None
    return _all_of([f"{word}:*" for word in words])


def with_words(text: str) -> SearchQuery:
    """Return a filter: the name contains each whole word of the text."""
    return _all_of(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", fold(text))


def _all_of(words: list[str]) -> SearchQuery:
    return SearchQuery(" & ".join(words), config="simple", search_type="raw")
