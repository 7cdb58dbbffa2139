"""The pages in real Chromium, with the processes of a real day behind them."""
