"""The outbox: what is stored to be delivered is tried, by one node at a time, until its destination took or refused it.

It knows nothing of what it delivers: a `channel.Channel` does, such as `application.mail_channel`.
"""
