"""A SIP user-agent server without I/O: datagrams and the time go in; datagrams, timers and events come out."""
