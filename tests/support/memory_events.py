"""The part of the store in memory that events need."""

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import events as rows
from renvoi.domain.events.event import Event, StoredEvent
from tests.support.memory_state import MemoryReader


class MemoryEvents(MemoryReader):
    """Events; see `application.ports.Writer`. What counts a number's events outlasts it."""

    def add_event(self, event: Event) -> None:
        self.add_stored_event(event)

    def add_stored_event(self, event: Event) -> StoredEvent:
        column_limits.check_row(schema.events, rows.event_values(event))
        key = event.account_id, event.number
        seq = self._state.event_seqs[key] = self._state.event_seqs.get(key, 0) + 1
        position = max(self._state.events, default=0) + 1
        data = rows.data_text(event)
        stored = StoredEvent(position, event.type.value, event.account_id, event.number, seq, data, event.at_ms)
        self._state.events[position] = stored
        return stored

    def remove_old_events(self, before_ms: int, limit: int) -> int:
        first = sorted(self._state.events)[:limit]
        return self._remove([position for position in first if self._state.events[position].at_ms < before_ms])

    def remove_events(self, account_id: int, limit: int) -> int:
        own = [position for position, event in self._state.events.items() if event.account_id == account_id]
        return self._remove(sorted(own)[:limit])

    def _remove(self, positions: list[int]) -> int:
        for position in positions:
            del self._state.events[position]
        return len(positions)
