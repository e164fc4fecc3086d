"""A demo web shop: a merchant's own pages, product feed and order system."""
