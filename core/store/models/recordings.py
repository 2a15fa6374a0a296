"""Tables: recordings: where each stands, what was said in it, and what is looked for."""
