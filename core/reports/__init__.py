"""Reports: what they tell, over which period, in which form, when they are due, and what became of them."""
