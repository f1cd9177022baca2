import os

from django.http import HttpResponse
from django.urls import path

from polls.models import Poll


def index(request):
    questions = "".join(f"<li>{poll.question}</li>" for poll in Poll.objects.all())
    return HttpResponse(f"<h1>{os.environ['POLLS_TITLE']}</h1><ul>{questions}</ul>")


urlpatterns = [path("", index)]
