"""The rights desk: what people ask of a shop about their data, with its deadline and its trail."""
