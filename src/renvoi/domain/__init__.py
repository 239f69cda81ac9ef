"""The pure core: value objects, the decision about a call, codes and texts. No I/O, no clock, no randomness."""
