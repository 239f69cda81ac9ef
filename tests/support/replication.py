"""A second PostgreSQL that follows a first one, and takes its place."""

from urllib.parse import quote

from tests.support.postgres import PASSWORD, ROLE, SUPERUSER, PostgresCluster, PostgresServer
from tests.support.waiting import wait_for


class Standby(PostgresServer):
    """A copy of `primary` by streaming replication, started.

    From then on the primary waits for it at each commit; how far, its setting `synchronous_commit` says
    (`remote_apply`: until the standby shows the change as well).
    """

    def __init__(self, primary: PostgresCluster) -> None:
        super().__init__()
        try:
            source = f"host=127.0.0.1 port={primary.port} user={SUPERUSER} application_name=standby"
            flags = ("--checkpoint=fast", "--no-sync", "--wal-method=stream", "--write-recovery-conf")
            self.run("pg_basebackup", f"--pgdata={self.data}", f"--dbname={source}", *flags, PGPASSWORD=PASSWORD)
            self.start()
            primary.configure(synchronous_standby_names="standby")
            wait_for(lambda: self._is_waited_for(primary), "synchronous replication", 60)
        except BaseException:
            self.close()
            raise

    @staticmethod
    def _is_waited_for(primary: PostgresCluster) -> bool:
        return ("sync",) in primary.query("SELECT sync_state FROM pg_stat_replication")

    def promote(self) -> None:
        """Make it a primary of its own; it takes writes when this returns."""
        assert self.process is not None
        assert self.query("SELECT pg_promote()") == [(True,)], self.log()


def url_of_both(first: PostgresServer, second: PostgresServer, database: str) -> str:
    """Return a URL with which a client finds the one of the two that takes writes."""
    hosts = f"127.0.0.1:{first.port},127.0.0.1:{second.port}"
    options = "target_session_attrs=read-write"
    return f"postgresql://{ROLE}:{quote(PASSWORD, safe='')}@{hosts}/{database}?{options}"
