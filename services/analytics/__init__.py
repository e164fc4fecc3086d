"""Analytics: strips what visitors write, counts what is left, shows it to the merchant."""
