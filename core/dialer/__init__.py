"""The dial pad: outbound calls from the wish to ring a number to what became of it."""
