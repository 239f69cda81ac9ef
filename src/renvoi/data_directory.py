"""Where things lie in the data directory of a node."""

from pathlib import Path


class DataDirectory:
    """Names of files and directories below `data_dir`."""

    __slots__ = ()
    data_dir: Path

    @property
    def edge_dir(self) -> Path:
        """The directory of Kamailio's files."""
        return self.data_dir / "edge"

    @property
    def run_dir(self) -> Path:
        """The directory of the control socket."""
        return self.data_dir / "run"

    @property
    def spool_dir(self) -> Path:
        """The directory that takes call events."""
        return self.data_dir / "spool"

    @property
    def dead_letters_dir(self) -> Path:
        """The directory of what the store refuses for its content."""
        return self.data_dir / "dead-letters"

    @property
    def recordings_dir(self) -> Path:
        """The directory of recordings that are being made."""
        return self.data_dir / "recordings"

    @property
    def messages_dir(self) -> Path:
        """The directory of the messages' audio."""
        return self.data_dir / "messages"

    @property
    def mail_dir(self) -> Path:
        """The directory of mails that are kept because there is no mail server."""
        return self.data_dir / "mail"
