"""Messages of the voicemail: who gets them, and what the edge hands over to take one."""
