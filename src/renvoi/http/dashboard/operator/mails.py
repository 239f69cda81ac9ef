"""`/operator/mails`: mails that failed for good, with another try; and those that are kept as files on this node."""

import asyncio
from collections.abc import Mapping, Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import inbox
from renvoi.application.inbox import Resent
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.application.reach import THE_OPERATOR
from renvoi.domain.messages.message import Mail
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard.operator.frame import OPERATOR, render
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import HEADERS, Visit

PAGE = "/operator/mails"
SHOWN = 100
"""Mails of each kind that the page shows, the latest ones."""


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get(PAGE, "operator_mails", _list, OPERATOR),
        site.post(PAGE + "/again", "operator_mail_again", _again, OPERATOR),
        site.get(PAGE + "/kept/{name}", "operator_mail", _show, OPERATOR),
        site.get(PAGE + "/kept/{name}/file", "operator_mail_file", _file, OPERATOR),
    ]


async def _list(visit: Visit) -> Response:
    def find(reader: Reader) -> tuple[Sequence[Mail], Any]:
        return reader.failed_mails(SHOWN), reader.mail_queue()

    (failed, queue), kept = await asyncio.gather(
        visit.deps.store.read(find), asyncio.to_thread(visit.deps.shared.kept_mails.latest, SHOWN)
    )
    return render(
        visit,
        "operator/mails.html.j2",
        PAGE,
        failed=failed,
        queue=queue,
        kept=[{"name": each.name, "at": each.at_ms, "size": each.length, **_heads(each.head)} for each in kept],
        shown=SHOWN,
    )


def _heads(content: bytes) -> Mapping[str, str]:
    """Return who a mail is for and what it is about; its head is enough."""
    parsed = BytesParser(policy=policy.default).parsebytes(content, headersonly=True)
    return {"to": str(parsed.get("To", "")), "subject": str(parsed.get("Subject", ""))}


async def _again(visit: Visit) -> Response:
    """Have the mails of a message tried again, from the beginning."""
    wanted, now_ms = visit.form.text("message"), visit.now_ms

    def work(writer: Writer) -> Resent:
        stored = inbox.find_message(writer, THE_OPERATOR, wanted)
        if stored is None:
            raise Problem(ProblemCode.MESSAGE_UNKNOWN)
        return inbox.resend(writer, stored, now_ms).result

    result = await visit.deps.store.write(work)
    said = {
        Resent.QUEUED: "operator.mail_queued",
        Resent.UNDER_WAY: "operator.mail_under_way",
        Resent.CLOSED: "operator.mail_closed",
    }
    return visit.redirect(PAGE, said[result])


async def _content(visit: Visit) -> tuple[str, bytes]:
    name = str(visit.request.path_params["name"])
    content = await asyncio.to_thread(visit.deps.shared.kept_mails.read, name)
    if content is None:
        raise Problem(ProblemCode.MESSAGE_UNKNOWN)
    return name, content


async def _show(visit: Visit) -> Response:
    name, content = await _content(visit)
    mail = await asyncio.to_thread(_parsed, content)
    text = mail.get_body(("plain",))
    return render(
        visit,
        "operator/mail.html.j2",
        PAGE,
        name=name,
        heads=[(each, str(mail.get(each, ""))) for each in ("From", "To", "Date", "Subject")],
        text="" if text is None else str(text.get_content()),
        files=[(part.get_filename() or "", part.get_content_type()) for part in mail.iter_attachments()],
        size_bytes=len(content),
    )


def _parsed(content: bytes) -> EmailMessage:
    return BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(content)


async def _file(visit: Visit) -> Response:
    name, content = await _content(visit)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.eml"'}
    return Response(content, 200, headers, media_type="message/rfc822")
