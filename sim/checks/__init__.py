"""What must hold after any day, worked out from the ledger, the stores and the facts alone."""
