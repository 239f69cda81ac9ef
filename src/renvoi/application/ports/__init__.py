"""The ports: what the use cases need from the outside, in their own words, one file an aggregate."""
