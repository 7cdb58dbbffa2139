"""What only a pavement asks for: roads to cross, people in the way, hands that tamper."""
