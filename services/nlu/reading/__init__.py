"""What stands in a message: its language, numbers, addresses, sizes and colours."""
