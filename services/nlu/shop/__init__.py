"""The merchant's own systems: orders asked for by signed webhooks, products searched in its feed."""
