"""Tables: requests of Watson Orchestrate and the sessions they belong to."""
