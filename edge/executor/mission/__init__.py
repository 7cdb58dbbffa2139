"""The mission: phases, events and the facts they make; pure, the whole of what is decided."""
