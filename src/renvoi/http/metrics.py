"""What `/metrics` shows. Every application has a registry of its own, so that two in one process never mix."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from renvoi.application import holiday_renewal, mail_channel, messages, missed_calls
from renvoi.application.ports.mails import MailQueue
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.ports.webhooks import NO_DELIVERIES, DeliveryQueue
from renvoi.application.webhooks import outcomes
from renvoi.call_records.call_batch import LIMITS_REACHED
from renvoi.call_records.dead_letters import COUNTER as DEAD_LETTERS
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import ProblemCode
from renvoi.domain.routing.policies import OVER_LIMIT
from renvoi.domain.rules.schedule import ALARM_BEFORE, due_with_less_than
from renvoi.http.deps import Measurement, PartState

CONTENT_TYPE = CONTENT_TYPE_LATEST
_DURATION_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_CHANGE_TYPES = {
    Outcome.DISABLED: "disabled",
    Outcome.FORWARD_ENABLED: "forward",
    Outcome.VOICEMAIL_ENABLED: "voicemail",
}


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What the store has counted, as it was at one moment: calls by decision and final SIP status, counters by name.

    `short_of_holidays` is how many rules know holidays for less than `ALARM_BEFORE`.
    """

    calls: Mapping[tuple[str, int], int]
    counts: Mapping[str, int]
    mail_queue: MailQueue
    short_of_holidays: int = 0
    deliveries: DeliveryQueue = NO_DELIVERIES

    @classmethod
    def read(cls, reader: Reader, now_ms: int) -> "StoreFigures":
        short = reader.count_to_renew(due_with_less_than(ALARM_BEFORE, now_ms))
        return cls(reader.call_counts(), reader.counts(), reader.mail_queue(), short, reader.delivery_queue())


class Metrics:
    """The measurements of one node's HTTP process, and what the other processes report at each scrape."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "renvoi_requests_total", "Answered requests.", ["call", "outcome", "code"], registry=self._registry
        )
        self._durations = Histogram(
            "renvoi_request_duration_seconds",
            "Time from a request's head to the end of its answer.",
            ["call"],
            buckets=_DURATION_BUCKETS,
            registry=self._registry,
        )
        self._changes = Counter(
            "renvoi_changes_total", "Rules changed by the API, by their new type.", ["type"], registry=self._registry
        )
        self._batches = Histogram(
            "renvoi_commit_batch_size",
            "Changes that shared one commit.",
            buckets=_BATCH_BUCKETS,
            registry=self._registry,
        )
        # Looking a child up by its labels takes longer than counting.
        self._of = cache(self._children)
        self._scraped = _Scraped()
        self._registry.register(self._scraped)
        for name in _CHANGE_TYPES.values():
            self._changes.labels(name)

    def observe_batch(self, size: int) -> None:
        """Note how many changes shared a commit; for the store's writer, from any thread."""
        self._batches.observe(size)

    def count_change(self, outcome: Outcome) -> None:
        """Count a rule that was changed; `outcome` is one of the successes 2, 3 and 4."""
        self._changes.labels(_CHANGE_TYPES[outcome]).inc()

    def count_request(self, call: str, outcome: Outcome | ProblemCode | None, duration_s: float) -> None:
        """Count an answered request; without an outcome it was one of the probes, or the client left."""
        counter, durations = self._of(call, outcome)
        counter.inc()
        durations.observe(duration_s)

    def _children(self, call: str, outcome: Outcome | ProblemCode | None) -> tuple[Counter, Histogram]:
        label, code = (outcome.label, _written(outcome.code)) if outcome is not None else ("none", "")
        return self._requests.labels(call, label, code), self._durations.labels(call)

    def render(
        self,
        figures: StoreFigures | None,
        parts: Mapping[str, PartState],
        measurements: Sequence[Measurement],
        now_ms: int,
    ) -> bytes:
        """Return the text of `/metrics`; `figures` is None when the store does not answer."""
        self._scraped.families = [
            *_store_families(figures, now_ms),
            *_part_families(parts),
            *_measured(measurements),
        ]
        return generate_latest(self._registry)


def _written(code: int | None) -> str:
    return "" if code is None else str(code)


class _Scraped(Collector):
    """Shows what was read for this scrape and is kept nowhere in between."""

    def __init__(self) -> None:
        self.families: Sequence[Metric] = ()

    def collect(self) -> Iterable[Metric]:
        return self.families

    def describe(self) -> Iterable[Metric]:
        return ()


def _store_families(figures: StoreFigures | None, now_ms: int) -> Iterator[Metric]:
    yield GaugeMetricFamily("renvoi_store_up", "1 when the store answers, else 0.", 0 if figures is None else 1)
    if figures is None:
        return
    ended = CounterMetricFamily(
        "renvoi_calls", "Calls that ended, by decision and final SIP status.", labels=["decision", "status"]
    )
    for (decision, status), count in figures.calls.items():
        ended.add_metric([decision, str(status)], count)
    yield ended
    reached = CounterMetricFamily("renvoi_limits_reached", "Calls that a limit has refused.", labels=["limit"])
    for kind, reason in OVER_LIMIT.items():
        reached.add_metric([kind], figures.counts.get(LIMITS_REACHED[reason], 0))
    yield reached
    yield from _message_families(figures.counts)
    yield from _mail_families(figures.counts, figures.mail_queue, now_ms)
    yield from _holiday_families(figures)
    yield from _webhook_families(figures.counts, figures.deliveries, now_ms)


def _message_families(counts: Mapping[str, int]) -> Iterator[Metric]:
    yield CounterMetricFamily("renvoi_messages", "Messages that callers left.", counts.get(messages.MESSAGES, 0))
    recorded_s = counts.get(messages.RECORDED_MS, 0) / 1000
    yield CounterMetricFamily("renvoi_recorded_seconds", "Length of all messages together.", recorded_s)
    letters = counts.get(DEAD_LETTERS, 0)
    help_text = "Call events and recordings set aside, as the store refuses their content."
    yield CounterMetricFamily("renvoi_dead_letters", help_text, letters)
    deleted = counts.get(messages.DELETED, 0)
    yield CounterMetricFamily("renvoi_messages_deleted", "Messages deleted by hand, or for their age.", deleted)


def _holiday_families(figures: StoreFigures) -> Iterator[Metric]:
    renewed = figures.counts.get(holiday_renewal.RENEWED, 0)
    yield CounterMetricFamily("renvoi_rules_renewed", "Renewals of the holidays in a rule.", renewed)
    help_text = f"Rules whose holidays are known for less than {ALARM_BEFORE.days} days."
    yield GaugeMetricFamily("renvoi_rules_short_of_holidays", help_text, figures.short_of_holidays)


def _mail_families(counts: Mapping[str, int], queue: MailQueue, now_ms: int) -> Iterator[Metric]:
    ended = CounterMetricFamily("renvoi_mails", "Mails of messages, by outcome.", labels=["state"])
    for state, name in (("sent", mail_channel.SENT), ("kept", mail_channel.KEPT), ("failed", mail_channel.FAILED)):
        ended.add_metric([state], counts.get(name, 0))
    yield ended
    told = CounterMetricFamily("renvoi_missed_call_mails", "Mails about missed calls, by outcome.", labels=["state"])
    for outcome, name in missed_calls.COUNTERS.items():
        told.add_metric([outcome.value], counts.get(name, 0))
    yield told
    failed = counts.get(mail_channel.ATTEMPTS_FAILED, 0)
    yield CounterMetricFamily("renvoi_mail_attempts_failed", "Attempts to send a mail that is tried again.", failed)
    refused = counts.get(mail_channel.SITE_REFUSED, 0)
    yield CounterMetricFamily(
        "renvoi_mail_site_refused", "Attempts that the mail server refused for who we are: see its part.", refused
    )
    yield GaugeMetricFamily("renvoi_mail_queue_length", "Mails that wait to be sent.", queue.length)
    # A clock that was set back would make it negative.
    age_s = max(0, now_ms - queue.oldest_at_ms) / 1000 if queue.oldest_at_ms is not None else 0
    yield GaugeMetricFamily("renvoi_mail_queue_oldest_seconds", "Age of the mail that waits the longest.", age_s)


def _webhook_families(counts: Mapping[str, int], queue: DeliveryQueue, now_ms: int) -> Iterator[Metric]:
    ended = CounterMetricFamily("renvoi_webhook_deliveries", "Events for webhooks, by outcome.", labels=["state"])
    for state, name in (("delivered", outcomes.DELIVERED), ("failed", outcomes.GIVEN_UP)):
        ended.add_metric([state], counts.get(name, 0))
    yield ended
    failed = counts.get(outcomes.ATTEMPTS_FAILED, 0)
    yield CounterMetricFamily("renvoi_webhook_attempts_failed", "Attempts to deliver an event that failed.", failed)
    disabled = counts.get(outcomes.DISABLED, 0)
    yield CounterMetricFamily("renvoi_webhooks_disabled", "Webhooks that were disabled as they failed.", disabled)
    yield GaugeMetricFamily("renvoi_webhook_queue_length", "Events that wait to be delivered.", queue.length)
    age_s = max(0, now_ms - queue.oldest_at_ms) / 1000 if queue.oldest_at_ms is not None else 0
    yield GaugeMetricFamily("renvoi_webhook_queue_oldest_seconds", "Age of the event that waits the longest.", age_s)


def _part_families(parts: Mapping[str, PartState]) -> Iterator[Metric]:
    restarts = CounterMetricFamily("renvoi_part_restarts", "Restarts of a part of this node.", labels=["part"])
    up = GaugeMetricFamily("renvoi_part_up", "1 when a part of this node does its work, else 0.", labels=["part"])
    degraded = GaugeMetricFamily(
        "renvoi_part_degraded", "1 when a part of this node needs attention; /readyz says why.", labels=["part"]
    )
    for name, state in parts.items():
        restarts.add_metric([name], state.restarts)
        up.add_metric([name], 1 if state.state in ("ok", "degraded") else 0)
        degraded.add_metric([name], 1 if state.state == "degraded" else 0)
    yield restarts
    yield up
    yield degraded


def _measured(measurements: Sequence[Measurement]) -> Iterator[Metric]:
    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for measured in measurements:
        kind = CounterMetricFamily if measured.kind == "counter" else GaugeMetricFamily
        family = families.setdefault(measured.name, kind(measured.name, measured.help, labels=list(measured.labels)))
        family.add_metric(list(measured.labels.values()), measured.value)
    yield from families.values()
