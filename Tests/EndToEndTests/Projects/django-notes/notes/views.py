from django.shortcuts import render


def index(request):
    return render(request, "notes/index.html", {"notes": ["Buy milk", "Water the plants"]})
