"""The statements about messages, their mails and audio, and greetings, in SQLAlchemy Core."""

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    update,
)

from renvoi.adapters.sql import mail_statements, mappers
from renvoi.adapters.sql.schema import (
    accounts,
    further_mails,
    greetings,
    mails,
    message_audio,
    messages,
)
from renvoi.adapters.sql.statements import insert_row
from renvoi.application.ports.accounts import MAX_RETENTION_DAYS

_DAY_MS = literal_column(str(24 * 3600 * 1000), BigInteger)

_messages = select(*messages.c, *mappers.MAIL).join(mails, mails.c.message_id == messages.c.id)
message = _messages.where(messages.c.id == bindparam("id"))
latest_messages = _messages.order_by(messages.c.received_at_ms.desc(), messages.c.id).limit(bindparam("limit"))
number_messages = latest_messages.where(messages.c.number == bindparam("number"))
_some_unheard = (
    select(messages.c.id)
    .where(messages.c.account_id == bindparam("account_id"), messages.c.heard_at_ms.is_(None))
    .limit(bindparam("limit"))
    .subquery()
)
unheard_messages = select(func.count()).select_from(_some_unheard)
# From each account into its index, however many accounts there are; most have nothing that old.
expired_messages = (
    select(messages)
    .select_from(
        accounts.join(
            messages,
            and_(
                messages.c.account_id == accounts.c.id,
                # SQLite would take what is not a number for 0, and nothing for kept.
                accounts.c.retention_days.between(1, MAX_RETENTION_DAYS),
                messages.c.received_at_ms
                < bindparam("now_ms", type_=BigInteger) - cast(accounts.c.retention_days, BigInteger) * _DAY_MS,
            ),
        )
    )
    .order_by(accounts.c.id, messages.c.received_at_ms)
    .limit(bindparam("limit"))
)
add_message = insert_row(messages)
set_heard = update(messages).where(messages.c.id == bindparam("key")).values(heard_at_ms=bindparam("heard_at_ms"))
remove_message = delete(messages).where(messages.c.id == bindparam("id"))
add_audio = insert_row(message_audio)
audio = select(message_audio.c.audio).where(message_audio.c.message_id == bindparam("id"))
remove_audio = delete(message_audio).where(message_audio.c.message_id == bindparam("id"))

due_mails = mail_statements.due(mails)
unreported_mails = mail_statements.unreported(mails)
failed_mails = mail_statements.failed(mails)
claim_reports, end_reports = mail_statements.claim(mails), mail_statements.end(mails)
mail_queue = mail_statements.queue(mails)
add_mail = mail_statements.add(mails)
put_mail = mail_statements.put(mails)
queue_mail = mail_statements.queue_again(mails)
put_leased_mail = mail_statements.put_leased(mails)
free_mail = mail_statements.free(mails)
lease_mail = mail_statements.lease(mails)
release_mails = mail_statements.release(mails)
remove_mail = delete(mails).where(mails.c.message_id == bindparam("message_id"))

# Those to the second and further recipients of messages.
due_further = mail_statements.due(further_mails)
unreported_further = mail_statements.unreported(further_mails)
failed_further = mail_statements.failed(further_mails)
claim_further, end_further = mail_statements.claim(further_mails), mail_statements.end(further_mails)
further_queue = mail_statements.queue(further_mails)
add_further = mail_statements.add(further_mails)
put_further = mail_statements.put(further_mails)
queue_further = mail_statements.queue_again(further_mails)
put_leased_further = mail_statements.put_leased(further_mails)
free_further = mail_statements.free(further_mails)
lease_further = mail_statements.lease(further_mails)
release_further = mail_statements.release(further_mails)
remove_further = delete(further_mails).where(further_mails.c.message_id == bindparam("message_id"))
MOST_FURTHER_OF = 200
"""Messages whose further mails are read at once."""
further_of = (
    select(*mail_statements.columns(further_mails))
    .where(further_mails.c.message_id.in_([bindparam(f"id_{n}", type_=Text) for n in range(MOST_FURTHER_OF)]))
    .order_by(further_mails.c.message_id, further_mails.c.place)
)

greeting = select(greetings).where(greetings.c.number == bindparam("number"))
greeting_version = select(greetings.c.version).where(greetings.c.number == bindparam("number"))
add_greeting = insert_row(greetings)
remove_greeting = delete(greetings).where(greetings.c.number == bindparam("number"))
