"""A whole merchant at the end of its contract: what there is of it, taken along, and gone."""
