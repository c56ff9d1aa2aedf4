"""Send mails by django-post_office. Run by `benchmarks/smtp.py`, in an environment that has it.

Standard input has the mails, the mail server's port and the database; standard output gets the time that it took.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

import django
from django.conf import settings


def main(task: dict[str, Any]) -> dict[str, Any]:
    """Put the mails into the queue, then send all of it with one process and some threads."""
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": task["database"],
                "USER": "herald",
                "NAME": "postgres",
            }
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=task["port"],
        LOGGING_CONFIG=None,
        USE_TZ=True,
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": len(task["mails"]),
            "THREADS_PER_PROCESS": task["connections"],
            "LOG_LEVEL": 1,
        },
    )
    django.setup()
    from django.core.management import call_command
    from post_office import mail
    from post_office.models import STATUS, Email

    call_command("migrate", verbosity=0)
    mail.send_many(
        [
            {
                "sender": "Rao's Shop <news@shop.example>",
                "recipients": [one["to"]],
                "subject": one["subject"],
                "message": one["plain"],
                "html_message": one["html"],
            }
            for one in task["mails"]
        ]
    )
    started, cpu = time.monotonic(), cpu_seconds()
    mail.send_queued(processes=1)
    figures = {"seconds": time.monotonic() - started, "cpu_seconds": cpu_seconds() - cpu}
    return {**figures, "sent": Email.objects.filter(status=STATUS.sent).count()}


def cpu_seconds() -> float:
    """Of this process and of those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
