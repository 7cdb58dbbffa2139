"""The same days driven twice, to see what something is worth."""
