"""Where the vehicle is: fixes in, one honest state out."""
