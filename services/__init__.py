"""The five services of Prat; none imports another, they meet on the bus."""
