"""Tables: operators, clients, shifts and absences."""
