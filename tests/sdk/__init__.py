"""The client library, `sdk/python`."""
