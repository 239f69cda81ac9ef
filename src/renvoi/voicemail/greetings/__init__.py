"""What a caller hears before leaving a message (`docs/calls.md §4`): the greeting, and the beep."""
