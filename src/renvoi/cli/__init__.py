"""The command line: reads words, calls use cases, prints tables or JSON."""
