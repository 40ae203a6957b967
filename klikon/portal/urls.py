"""The families' addresses: ids only, never a number or a name."""

from django.urls import path

from klikon.portal import choosing, leader, leader_acts, member, own_limits, payer, start

urlpatterns = [
    path("", start.start, name="start"),
    path("terms/", start.terms_page, name="terms"),
    path("family/", start.family, name="family"),
    path("choose/", start.choose, name="choose"),
    path("bill/<int:pk>/", payer.home, name="payer"),
    path("bill/<int:pk>/activations/", payer.activations, name="payer_activations"),
    path("bill/<int:pk>/months/", payer.bills, name="payer_bills"),
    path("bill/<int:pk>/months/<str:month>/", payer.bill, name="payer_bill"),
    path("bill/<int:pk>/months/<str:month>/csv/", payer.bill_csv, name="payer_bill_csv"),
    path("bill/<int:pk>/leader/", choosing.ChooseLeader.as_view(), name="choose_leader"),
    path("bill/<int:pk>/leader/stop/", leader_acts.Stop.as_view(), name="payer_stops"),
    path("bill/<int:pk>/leader/allow/", leader_acts.Allow.as_view(), name="payer_allows"),
    path("bill/<int:pk>/leader/revoke/", leader_acts.Revoke.as_view(), name="payer_revokes"),
    path("bill/<int:pk>/limit/", own_limits.SetLimit.as_view(), name="payer_sets_limit"),
    path("limit/<int:pk>/lift/", own_limits.LiftLimit.as_view(), name="payer_lifts_limit"),
    path("declaration/<int:pk>/", choosing.declaration, name="declaration"),
    path("declaration/<int:pk>/pdf/", choosing.declaration_pdf, name="declaration_pdf"),
    path("charge/<int:pk>/", payer.charge, name="payer_charge"),
    path("leader/", leader.home, name="leader"),
    path("leader/for/<int:pk>/", leader.Activate.as_view(), name="leader_activates"),
    path("leader/done/<int:pk>/", leader.activated, name="activated"),
    path("leader/give-back/", leader.GiveBack.as_view(), name="leader_gives_back"),
    path("member/", member.home, name="member"),
]
