"""Tables: visits: scheduled, moved, cancelled, done."""
