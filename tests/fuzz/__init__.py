"""Every parser under damaged input: one driver, one list of parsers, one small corpus.

`make fuzz` runs ten million inputs for each, `python -m tests.fuzz PARSER --inputs N` as asked.
"""
