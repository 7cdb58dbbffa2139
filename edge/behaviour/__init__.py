"""How the vehicle is driven: harsh moments, belt, reversing, speed; pure, time is handed in."""
