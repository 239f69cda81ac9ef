"""Who asks for something, and what that one may do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: for which account, with which key, from where. Made by `application/auth.py` alone.

    `region` is how the account writes numbers. `key_id` is None where no key was needed; `source` is a network address,
    or `command line`. An operator acts for the account, but is not bound by scopes.
    """

    account_id: int
    region: str
    key_id: str | None
    source: str
    scopes: tuple[str, ...] = ()
    is_operator: bool = False

    def may(self, scope: str) -> bool:
        """Tell whether `scope` is granted; a key without any scopes may do everything in its account."""
        return self.is_operator or not self.scopes or scope in self.scopes
