"""`make prove-erasure`: what was erased or has ended is nowhere to be read; proven by bytes."""
