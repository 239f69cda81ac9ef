"""Where a call goes: the decision, and the headers that say where the call has been (Diversion, History-Info)."""
