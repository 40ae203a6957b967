from django.urls import path

from superfamilja.customers import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="family_sign_in"),
    path("sign-in/code/", views.code, name="family_code"),
    path("sign-out/", views.sign_out, name="family_sign_out"),
    path("sign-out/everywhere/", views.sign_out_everywhere, name="family_sign_out_everywhere"),
]
