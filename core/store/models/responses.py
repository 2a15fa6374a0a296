"""Tables: calling settings as polled, administrators' audit events, blocks and their undoing."""
