"""A page that forgets a part of its act fails at once, because these parts are abstract."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from superfamilja.accounts.site.act_page import ContractActPage, Steps


def views(resolver: URLResolver) -> Iterator[type[Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        elif isinstance(pattern, URLPattern) and hasattr(pattern.callback, "view_class"):
            yield pattern.callback.view_class


def test_every_page_that_is_served_says_all_that_is_asked_of_it() -> None:
    served = [view for view in views(get_resolver()) if issubclass(view, Steps)]
    assert len(served) > 30
    assert [view for view in served if view.__abstractmethods__] == []


def test_a_page_without_a_contract_cannot_be_made() -> None:
    class Forgetful(ContractActPage):
        def load(self, pk: int) -> None: ...

    with pytest.raises(TypeError, match="contract_id"):
        Forgetful()
