"""Pages of operators: accounts with their numbers, limits and policies, trunks, rates, mails, and the node."""
