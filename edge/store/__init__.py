"""What must survive a power cut: facts, mission progress, track, media."""
