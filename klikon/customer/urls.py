"""Map the search and the pages of one customer. Addresses carry ids of rows only."""

from django.contrib import admin
from django.urls import path

from klikon.customer import pages

_staff = admin.site.admin_view

urlpatterns = [
    path("search/", _staff(pages.search_page), name="search"),
    path("contract/<int:pk>/", _staff(pages.contract_page), name="contract"),
    path("contract/<int:pk>/timeline/", _staff(pages.timeline_page), name="timeline"),
]
