"""Tables: alerts, their evidence and timeline, cases, mutes."""
