"""Mails of voicemail messages: their text and MIME, and the ways they leave, an SMTP server or a folder."""
