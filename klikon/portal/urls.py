"""Map the families' pages. Addresses carry ids only, never a number or a name."""

from django.urls import path

from klikon.portal import leader, member, start
from klikon.portal.payer import (
    asked_first,
    choosing,
    contact,
    home,
    leader_acts,
    names,
    own_limits,
    pin,
    questions,
)

urlpatterns = [
    path("", start.start, name="start"),
    path("terms/", start.terms_page, name="terms"),
    path("family/", start.family, name="family"),
    path("choose/", start.choose, name="choose"),
    path("bill/<int:pk>/", home.home, name="payer"),
    path("bill/<int:pk>/activations/", home.activations, name="payer_activations"),
    path("bill/<int:pk>/months/", home.bills, name="payer_bills"),
    path("bill/<int:pk>/months/<str:month>/", home.bill, name="payer_bill"),
    path("bill/<int:pk>/months/<str:month>/csv/", home.bill_csv, name="payer_bill_csv"),
    path("bill/<int:pk>/leader/", choosing.ChooseLeader.as_view(), name="choose_leader"),
    path(
        "bill/<int:pk>/contact/", contact.ChangeOwnContact.as_view(), name="payer_changes_contact"
    ),
    path("bill/<int:pk>/leader/stop/", leader_acts.Stop.as_view(), name="payer_stops"),
    path("bill/<int:pk>/leader/allow/", leader_acts.Allow.as_view(), name="payer_allows"),
    path("bill/<int:pk>/leader/revoke/", leader_acts.Revoke.as_view(), name="payer_revokes"),
    path("bill/<int:pk>/names/", names.NameMembers.as_view(), name="payer_names_members"),
    path("bill/<int:pk>/limit/", own_limits.SetOwnLimit.as_view(), name="payer_sets_limit"),
    path("limit/<int:pk>/lift/", own_limits.LiftOwnLimit.as_view(), name="payer_lifts_limit"),
    path("bill/<int:pk>/ask-first/", asked_first.AskMeFirst.as_view(), name="payer_is_asked"),
    path("bill/<int:pk>/ask-no-more/", asked_first.AskMeNoMore.as_view(), name="payer_not_asked"),
    path("request/<int:pk>/", asked_first.Decide.as_view(), name="payer_decides"),
    path("bill/<int:pk>/pin/", pin.SetPin.as_view(), name="payer_sets_pin"),
    path("bill/<int:pk>/pin/unlock/", pin.Unlock.as_view(), name="payer_unlocks_phone"),
    path("bill/<int:pk>/pin/remove/", pin.RemovePin.as_view(), name="payer_removes_pin"),
    path("declaration/<int:pk>/", choosing.declaration, name="declaration"),
    path("declaration/<int:pk>/pdf/", choosing.declaration_pdf, name="declaration_pdf"),
    path("charge/<int:pk>/", home.charge, name="payer_charge"),
    path("charge/<int:pk>/known/", questions.recognise, name="payer_knows"),
    path("charge/<int:pk>/ask/", questions.Ask.as_view(), name="payer_asks"),
    path("question/<int:pk>/complaint/", questions.Complain.as_view(), name="payer_complains"),
    path("question/<int:pk>/close/", questions.Settle.as_view(), name="payer_closes_question"),
    path("leader/", leader.home, name="leader"),
    path("leader/for/<int:pk>/", leader.Activate.as_view(), name="leader_activates"),
    path("leader/done/<int:pk>/", leader.activated, name="activated"),
    path("leader/give-back/", leader.GiveBack.as_view(), name="leader_gives_back"),
    path("member/", member.home, name="member"),
]
