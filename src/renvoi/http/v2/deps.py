"""What every resource of `/v2` is given."""

from dataclasses import dataclass
from typing import TypeVar

from renvoi.application.messages import MessageStorage
from renvoi.application.ports.audio import AudioConverter
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.deps import Deps
from renvoi.http.limits import RefusalLimit
from renvoi.http.metrics import Metrics
from renvoi.http.v1.operation import Admission

T = TypeVar("T")

HEAD_KEY = "renvoi.head"
"""In the scope of a HEAD, which is run as a GET: what is long in coming need not be made."""


@dataclass(frozen=True, slots=True)
class V2Deps:
    """What `/v2` needs from the outside. `shared` is what all of HTTP needs; `/v1` has the same limits."""

    shared: Deps
    admission: Admission
    refusals: RefusalLimit
    metrics: Metrics

    @property
    def store(self) -> Store:
        """The store. A change that may come with an `Idempotency-Key` goes through `once` (`answers.py`) instead."""
        return self.shared.store

    @property
    def clock(self) -> Clock:
        return self.shared.clock

    @property
    def public_url(self) -> str:
        """Where people reach this server, without a slash at its end."""
        return self.shared.public_url.rstrip("/")

    @property
    def files(self) -> MessageStorage:
        """The recordings and mails that are files of this node.

        Raises:
            Problem: this server has none.
        """
        return _there(self.shared.files)

    @property
    def converter(self) -> AudioConverter:
        """What converts audio.

        Raises:
            Problem: this server converts none.
        """
        return _there(self.shared.converter)


def _there(part: T | None) -> T:
    if part is None:
        raise Problem(ProblemCode.UNAVAILABLE)
    return part
