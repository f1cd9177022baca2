from django.http import HttpResponse
from django.urls import path


def index(request):
    scheme = "secure" if request.headers.get("x-forwarded-proto") == "https" else "plain"
    return HttpResponse(f"<h1>Shop</h1><p>{scheme} at {request.get_host()}</p>")


urlpatterns = [path("", index)]
