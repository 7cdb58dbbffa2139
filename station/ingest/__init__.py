"""Scale-out: any number of workers that take what vehicles report into one PostgreSQL."""
