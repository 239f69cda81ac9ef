"""What a store may answer instead of a result."""


class StoreUnavailable(Exception):
    """The store cannot do this now; nothing was changed. Trying again later may help."""


class NotUnderstood(StoreUnavailable):
    """The store was read, and what it has is damaged or a newer program's."""


class StoreRefused(Exception):
    """The store cannot hold what it was given; the text says why. Nothing was changed, and no later try will do."""


class StoreMismatch(Exception):
    """The store's schema is not one that this program can use; the text says what to do."""


class Conflict(Exception):
    """Something of that name exists already; the text names it."""
