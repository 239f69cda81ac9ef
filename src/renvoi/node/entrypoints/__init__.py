"""What each child process runs."""
