"""What operators do by `/v2`: accounts, numbers, trunks, rates and the node. Only operators' keys get here."""
