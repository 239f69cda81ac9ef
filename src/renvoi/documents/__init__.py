"""What rows and files hold of numbers, rules, policies and trunks: versioned documents, each read and written once."""
