from django.db import migrations, models


def first(apps, schema_editor):
    apps.get_model("polls", "Poll").objects.create(question="Tabs or spaces?")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel(
            name="Poll",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("question", models.CharField(max_length=200)),
            ],
        ),
        migrations.RunPython(first),
    ]
