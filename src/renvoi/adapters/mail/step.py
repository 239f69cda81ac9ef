"""The steps of handing a mail to an SMTP server."""

from enum import Enum

from renvoi.application.mail import Affected


class Step(Enum):
    """One step, in the order of an SMTP session, in words that follow `refused` and `did not answer`."""

    CONNECT = "the connection"
    GREET = "our greeting (EHLO)"
    STARTTLS = "STARTTLS"
    LOGIN = "our login"
    SENDER = "the sender (MAIL FROM)"
    RECIPIENT = "the recipient (RCPT TO)"
    CONTENT = "the mail (DATA)"

    @property
    def what(self) -> str:
        """The step in words."""
        return self.value

    @property
    def affected(self) -> Affected:
        """Whom a fault in this step is likely to hit: before the mail is named it can have no part in it.

        A connection that is lost or silent in a later step counts for the mail alone, lest one mail that a server
        stumbles over keep back all others.
        """
        return Affected.MAIL if self in (Step.SENDER, Step.RECIPIENT, Step.CONTENT) else Affected.SERVER
