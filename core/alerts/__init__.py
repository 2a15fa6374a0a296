"""Alerts and the desk that works them: receiving drafts, states, timelines, cases, mutes, queries, explanations."""
