"""The ground that is driven on: how ways lead there, which are closed, how full they are."""
