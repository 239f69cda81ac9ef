"""Virtual numbers: how numbers are written, what the rule of one says, and who may change it to what."""
