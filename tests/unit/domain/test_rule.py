"""The fallback for forwarded calls that are not taken."""

import pytest

from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.rule import NO_FALLBACK, Fallback, Otherwise, Unanswered

OWNER = EmailAddress("owner@example.net")
RELEASE, VOICEMAIL = Otherwise.RELEASE, Otherwise.VOICEMAIL


@pytest.mark.parametrize(
    ("fallback", "no_answer", "busy"),
    [
        (NO_FALLBACK, None, None),
        (Fallback(RELEASE, RELEASE, OWNER), None, None),
        (Fallback(VOICEMAIL, RELEASE, OWNER), OWNER, None),
        (Fallback(RELEASE, VOICEMAIL, OWNER), None, OWNER),
        (Fallback(VOICEMAIL, VOICEMAIL, OWNER), OWNER, OWNER),
    ],
)
def test_the_mailbox_is_that_of_the_reason(
    fallback: Fallback, no_answer: EmailAddress | None, busy: EmailAddress | None
) -> None:
    assert fallback.mailbox(Unanswered.NO_ANSWER) == no_answer
    assert fallback.mailbox(Unanswered.BUSY) == busy


@pytest.mark.parametrize("actions", [(VOICEMAIL, RELEASE), (RELEASE, VOICEMAIL), (VOICEMAIL, VOICEMAIL)])
def test_messages_need_an_address(actions: tuple[Otherwise, Otherwise]) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        Fallback(*actions)
