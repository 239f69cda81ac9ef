"""The rule of a number: what happens to calls that reach it, and when; who may change it to what; how it is said."""
