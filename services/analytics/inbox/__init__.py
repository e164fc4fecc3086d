"""The improvement inbox: questions that the bot did not know, masked, as many have asked them."""
