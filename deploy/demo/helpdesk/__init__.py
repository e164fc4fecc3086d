"""Another help desk: a reference for whoever mirrors cases, from the bus or from webhooks."""
